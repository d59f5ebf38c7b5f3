import { createCustomerStore } from '../../../shared/customer/customerStore.ts';
import { createTable } from '../../../shared/platform/table.ts';
import { createTimelineStore } from '../../../shared/timeline/timelineStore.ts';
import { listHistory } from '../../../shared/widget/listHistory.ts';
import type { Visitor } from '../../../shared/widget/sessionToken.ts';
import { leafOf } from './actors.ts';
import type { Attributes } from './expressions.ts';
import { clientOf, createMemoryDynamo } from './memoryDynamo.ts';
import { peopleAtLast, type WrittenFact } from './model/identityModel.ts';
import { leafOf as modelLeafOf, type StoredTable } from './model/storedTable.ts';
import { visibleTo } from './model/visibleTo.ts';
import type { Run } from './simulate.ts';

/** What everybody who followed a link or signed in is shown at the end is what is proven to be theirs, and all of it. */
export async function checkVisible(
  { interactions }: StoredTable,
  items: readonly Attributes[],
  written: readonly WrittenFact[],
  { acknowledged, mails }: Run,
): Promise<string[]> {
  const dynamo = createMemoryDynamo();
  for (const item of items) dynamo.load(item);
  const table = createTable(clientOf(dynamo.execute), 'timeline');
  const ports = {
    customers: createCustomerStore(table),
    timeline: createTimelineStore(table),
    readMarks: { markRead: async () => undefined },
    leafOf,
  };
  const people = peopleAtLast(written);
  const sessions = new Map<string, { visitor: Visitor; person: string }>();
  for (const { step } of acknowledged) {
    const { deed } = step;
    if (deed.does === 'session' && deed.user !== undefined && deed.isSigned) {
      const user = { userId: deed.user, trust: 'proven' } as const;
      const visitor = { source: 'website', anonymousId: deed.browser, user };
      sessions.set(`${deed.browser} ${deed.user}`, { visitor, person: modelLeafOf('userId', deed.user) });
    }
    const mail = deed.does === 'resume' ? mails.get(deed.to) : undefined;
    if (deed.does === 'resume' && mail?.resumption) {
      const { address, answers, message } = mail.resumption;
      const visitor = { source: 'website', anonymousId: deed.browser, resumed: { address, answers, message } };
      sessions.set(`${deed.browser} ${mail.to}`, { visitor, person: modelLeafOf('email', mail.to) });
    }
  }
  const violations: string[] = [];
  for (const [name, { person, visitor }] of sessions) {
    const shown: string[] = [];
    for (let before: string | undefined, page = 0; page < 50; page++) {
      const { messages, next } = await listHistory(ports, { visitor, before, limit: 50 });
      shown.push(...messages.map(({ id }) => id));
      if (next === null) break;
      before = next;
    }
    const browser = modelLeafOf('anonymousId', visitor.anonymousId);
    const expected = visibleTo({ browser, person }, interactions, people);
    const [more, less] = [shown.filter((id) => !expected.includes(id)), expected.filter((id) => !shown.includes(id))];
    if (more.length > 0) violations.push(`visible: ${name} is shown ${more.join()}, which is not proven to be theirs`);
    if (less.length > 0) violations.push(`visible: ${name} is not shown ${less.join()}`);
  }
  return violations;
}
