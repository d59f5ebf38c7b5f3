import { describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { leafCards } from '../../shared/conversation/conversationCard.ts';
import type { FailedChange } from '../../shared/platform/stream.ts';
import type { Table } from '../../shared/platform/table.ts';
import { auditCustomer } from '../../shared/repair/auditCustomer.ts';
import { type Family, family } from '../support/families.ts';
import { answered, hourMs, interaction, minuteMs, mondayMs, said } from '../support/leafInteractions.ts';
import { type CustomerProjection, createCustomerProjection } from '../support/linkedCustomer.ts';
import { createTableInMemory } from '../support/tableInMemory.ts';

/*
 * A fold that is under way while something else happens to the same customer: stopped before each of its requests in
 * turn, until the others have come to rest. Then it goes on; or ends after its next write; or that write is carried out by
 * nobody until everything is over, long after its sender is gone. Whatever was not finished is told again.
 */
const table = createTableInMemory();
const projection = createCustomerProjection(table);
const search = { write: async () => undefined, has: async () => true };
const at = (hours: number) => mondayMs + hours * hourMs;

const fates = ['goes on', 'ends there', 'ends there, and the write comes last'] as const;
type Fate = (typeof fates)[number];

interface Slow extends Table {
  /** The request at which it was to be stopped was reached. */
  wasStopped(): boolean;
  /** Does what was left behind. */
  carryOut(): Promise<void>;
}

/** A table for one process; its n-th request meets the others. */
function slowTable(stopAt: number, fate: Fate, meanwhile: () => Promise<void>): Slow {
  let requests = 0;
  let hasEnded = false;
  let left: (() => Promise<unknown>) | undefined;
  const ended = () => {
    hasEnded = true;
    return new Error('the process ended here');
  };
  const stopping =
    <Parameters extends unknown[], Result>(isWrite: boolean, request: (...parameters: Parameters) => Promise<Result>) =>
    async (...parameters: Parameters): Promise<Result> => {
      if (hasEnded) throw ended();
      if (++requests === stopAt) await meanwhile();
      if (!isWrite || requests < stopAt || fate === 'goes on') return request(...parameters);
      hasEnded = true;
      if (fate === 'ends there') return request(...parameters);
      left = () => request(...parameters);
      throw ended();
    };
  return {
    ...table,
    get: stopping(false, table.get),
    getMany: stopping(false, table.getMany),
    query: stopping(false, table.query),
    put: stopping(true, table.put),
    update: stopping(true, table.update),
    transact: stopping(true, table.transact),
    wasStopped: () => requests >= stopAt,
    carryOut: async () => void (await left?.()),
  };
}

async function happened(...interactions: Interaction[]): Promise<void> {
  await projection.store(interactions);
  expect(await projection.deliver(interactions)).toEqual([]);
  await projection.settle();
}

/** Account and browser were linked while both had something to say; a conversation holds words of both. */
async function oneCustomer([account, , visitor]: Family): Promise<void> {
  const opened = said('from the browser', at(0), { leaf: visitor.leaf });
  await happened(opened);
  await projection.link(account, visitor, at(1));
  await projection.settle();
  await happened(said('from the account', at(2), { leaf: account.leaf }));
  await happened(answered('answer', at(3), opened.id, { leaf: visitor.leaf }));
}

const linkAgain = async ([account, , visitor]: Family, hours: number) => {
  await projection.identities.link({
    a: visitor,
    b: account,
    trust: 'proven',
    evidence: `request-${visitor.leaf}-${hours}`,
    reason: 'confirmed-by-agent',
    statedBy: 'reception',
    statedAtMs: at(hours),
    lifts: true,
  });
};
const part = ([account, , visitor]: Family, hours: number) => projection.unlink(visitor, account, at(hours));

interface Encounter {
  /** What the slow process is told of; prepares everything before it. */
  news(members: Family): Promise<(process: CustomerProjection) => Promise<FailedChange[]>>;
  meanwhile(members: Family): Promise<void>;
  /** Is stored when the others have come to rest, and told after the slow process. */
  afterwards?(members: Family): Interaction;
}

/** Tells the heads and nodes that were written since. */
const untold = () => {
  const changes = projection.untold.splice(0);
  return (process: CustomerProjection) => process.decide(changes);
};

/** Each begins a conversation; the first two lie apart from the others. */
const questionsOn = (leaf: string) =>
  Array.from({ length: 7 }, (_, index) => said(`question ${index}`, at(index * 24 * 20), { leaf }));

const encounters: Record<string, Encounter> = {
  'a message of a customer, whose leaves are parted': {
    async news(members) {
      await oneCustomer(members);
      const message = said('more from the browser', at(4), { leaf: members[2].leaf });
      await projection.store([message]);
      await projection.deliver([message]);
      return untold();
    },
    meanwhile: (members) => part(members, 5),
    afterwards: ([, , visitor]) => said('alone in the browser', at(6), { leaf: visitor.leaf }),
  },
  'a link of conversations that lie apart, which is undone': {
    async news([account, , visitor]) {
      await happened(...questionsOn(visitor.leaf), said('from the account', at(24 * 151), { leaf: account.leaf }));
      await projection.link(account, visitor, at(24 * 152));
      return untold();
    },
    meanwhile: (members) => part(members, 24 * 153),
  },
  'a message of a conversation, which is merged and split again': {
    async news([, , visitor]) {
      const { leaf } = visitor;
      await happened(said('first', at(0), { leaf }), said('second', at(24 * 20), { leaf }));
      const message = said('third', at(24 * 20 + 1), { leaf });
      await projection.store([message]);
      return (process) => process.deliver([message]);
    },
    async meanwhile([, , { leaf }]) {
      const [into, message] = [said('first', at(0), { leaf }), said('second', at(24 * 20), { leaf })].map(
        ({ id }) => id,
      );
      const command = (type: string, hours: number, properties: Record<string, unknown>) =>
        interaction({ leaf, type, properties, messageId: type, occurredAtMs: at(hours), source: 'reception' });
      await happened(command('conversation.merged', 24 * 20 + 2, { message, into }));
      await happened(command('conversation.split', 24 * 20 + 3, { message }));
    },
  },
  'a command to a conversation that lies apart, which is spoken of again': {
    async news([, , { leaf }]) {
      const questions = questionsOn(leaf);
      await happened(...questions);
      const properties = { message: questions[1]?.id };
      const type = 'conversation.resolved';
      const command = interaction({ leaf, type, properties, messageId: type, occurredAtMs: at(24 * 151) });
      await projection.store([command]);
      return (process) => process.deliver([command]);
    },
    meanwhile: ([, , { leaf }]) => happened(answered('answer', at(24 * 152), questionsOn(leaf)[1]?.id, { leaf })),
  },
  'a link, which grows': {
    async news([account, number, visitor]) {
      await happened(said('from the account', at(0), { leaf: account.leaf }));
      await happened(said('from the browser', at(0), { leaf: visitor.leaf }));
      await happened(interaction({ messageId: 'view', occurredAtMs: at(0), leaf: number.leaf }));
      await projection.link(account, visitor, at(1));
      return untold();
    },
    meanwhile: ([account, number]) => projection.link(account, number, at(2)),
  },
  'a link, which is undone': {
    async news(members) {
      await oneCustomer(members);
      await part(members, 5);
      await projection.settle();
      await happened(said('by themselves', at(6), { leaf: members[2].leaf }));
      await linkAgain(members, 7);
      return untold();
    },
    meanwhile: (members) => part(members, 8),
    afterwards: ([, , visitor]) => said('alone in the browser', at(9), { leaf: visitor.leaf }),
  },
  'a link by which a message moves, which is undone': {
    async news(members) {
      const [account, , visitor] = members;
      const mail = { leaf: account.leaf, channel: 'email', properties: { subject: 'Invoice' } } as const;
      await happened(said('from the browser', at(0), { leaf: visitor.leaf }));
      await happened(said('by mail', at(2), mail));
      // Alone it continues the chat, together the mail.
      await happened(said('by mail, too', at(3), { leaf: visitor.leaf, channel: 'email' }));
      await projection.link(account, visitor, at(1));
      return untold();
    },
    meanwhile: (members) => part(members, 4),
  },
  'a parting, which is undone': {
    async news(members) {
      await oneCustomer(members);
      await part(members, 5);
      return untold();
    },
    meanwhile: (members) => linkAgain(members, 6),
    afterwards: ([account]) => said('once more from the account', at(7), { leaf: account.leaf }),
  },
  'a message of a leaf that is alone, which is linked': {
    async news(members) {
      const [account, , visitor] = members;
      await happened(said('from the account', at(0), { leaf: account.leaf }));
      await happened(said('from the browser', at(1), { leaf: visitor.leaf }));
      const message = said('more from the browser', at(4), { leaf: visitor.leaf });
      await projection.store([message]);
      return (process) => process.deliver([message]);
    },
    async meanwhile(members) {
      await projection.link(members[0], members[2], at(4) - minuteMs);
    },
  },
  'a message of a customer, who says something elsewhere': {
    async news(members) {
      await oneCustomer(members);
      const message = said('more from the browser', at(4), { leaf: members[2].leaf });
      await projection.store([message]);
      await projection.deliver([message]);
      return untold();
    },
    meanwhile: ([account]) => happened(said('more from the account', at(4) + minuteMs, { leaf: account.leaf })),
  },
  'a message of a leaf, which says something earlier': {
    async news([, , visitor]) {
      const message = said('second', at(4), { leaf: visitor.leaf });
      await projection.store([message]);
      return (process) => process.deliver([message]);
    },
    meanwhile: ([, , visitor]) => happened(said('first', at(3), { leaf: visitor.leaf })),
  },
};

describe.each(Object.entries(encounters))('a fold of %s meanwhile', (_, { afterwards, meanwhile, news }) => {
  test.each(fates)('%s', async (fate) => {
    let stops = 0;
    for (let stopAt = 1; ; stopAt++) {
      const members = family();
      const tell = await news(members);
      const later = afterwards ? [afterwards(members)] : [];
      const slow = slowTable(stopAt, fate, async () => {
        await meanwhile(members);
        await projection.settle();
        await projection.store(later);
      });
      const failed = await tell(createCustomerProjection(slow, projection.untold));
      if (!slow.wasStopped()) break;
      stops++;
      if (failed.length > 0) expect(await tell(projection), `request ${stopAt}`).toEqual([]);
      expect(await projection.deliver(later)).toEqual([]);
      await projection.settle();
      await slow.carryOut();
      await projection.settle();
      for (const { leaf } of members) {
        const { differences } = await auditCustomer({ ...projection, search }, leaf);
        expect(differences, `request ${stopAt}`).toEqual([]);
        const { others } = await projection.customers.readState(leaf, { consistent: true });
        for (const { conversationId } of leafCards(others)) {
          expect(await projection.conversations.readMovedCard(conversationId), `request ${stopAt}`).toBeUndefined();
        }
      }
    }
    expect(stops).toBeGreaterThan(4);
  });
});
