import type { Condition, Item, ItemKey, Table, TransactOperation } from '../../shared/platform/table.ts';

/** What may happen to a request: it never arrives, its answer is lost, or it is made after its sender gave up. */
export type RequestFault = 'not-made' | 'answer-lost' | 'late' | undefined;

export interface MemoryTable extends Pick<Table, 'get' | 'query' | 'put' | 'transact'> {
  items: Map<string, Item>;
  /** Requests that nobody waits for any more. */
  late: Promise<unknown>[];
}

/**
 * The part of a table that identity needs, in memory. `arrive` is awaited before each request takes effect, so a test
 * decides who comes first; `faultOf` decides what happens to each write.
 */
export function createMemoryTable(
  arrive: () => Promise<unknown> = async () => undefined,
  faultOf: () => RequestFault = () => undefined,
): MemoryTable {
  const items = new Map<string, Item>();
  const late: Promise<unknown>[] = [];
  const at = ({ pk, sk }: ItemKey) => `${pk} ${sk}`;

  async function write<T>(take: () => T): Promise<T> {
    await arrive();
    const fault = faultOf();
    if (fault === 'not-made') throw new Error('the request did not arrive');
    if (fault === 'late') {
      late.push(arrive().then(arrive).then(take));
      throw new Error('the request took too long');
    }
    const outcome = take();
    if (fault === 'answer-lost') throw new Error('the answer was lost');
    return outcome;
  }

  return {
    items,
    late,
    async get(key) {
      await arrive();
      return structuredClone(items.get(at(key)));
    },
    async query({ pk, from, to }) {
      await arrive();
      const found = [...items.values()].filter((item) => item.pk === pk && item.sk >= from && item.sk <= to);
      return { items: structuredClone(found), more: false };
    },
    put: (item, condition) =>
      write(() => {
        const existing = items.get(at(item));
        if (condition && !holds(condition, existing)) return { stored: false, existing };
        items.set(at(item), structuredClone(item));
        return { stored: true };
      }),
    transact: (operations) =>
      write(() => {
        const existing = operations.map((operation) => items.get(at(keyOf(operation))));
        const isRefused = operations.some(({ condition }, index) => condition && !holds(condition, existing[index]));
        if (isRefused) return { stored: false, existing };
        for (const operation of operations) {
          if ('put' in operation) items.set(at(operation.put), structuredClone(operation.put));
          else if ('delete' in operation) items.delete(at(operation.delete));
          else if ('update' in operation) {
            const { set, update } = operation;
            items.set(at(update), structuredClone({ ...(items.get(at(update)) ?? update), ...set }));
          }
        }
        return { stored: true };
      }),
  };
}

function keyOf(operation: TransactOperation): ItemKey {
  if ('put' in operation) return operation.put;
  if ('update' in operation) return operation.update;
  return 'delete' in operation ? operation.delete : operation.check;
}

/** Terms `attribute_exists(a)`, `attribute_not_exists(a)` and `a = :v`, joined by AND; anything else is an error. */
function holds({ expression, names = {}, values = {} }: Condition, item: Item | undefined): boolean {
  return expression.split(' AND ').every((term) => {
    const [, not, exists] = /^attribute_(not_)?exists\((#?\w+)\)$/.exec(term) ?? [];
    if (exists !== undefined) return (item?.[names[exists] ?? exists] === undefined) === (not !== undefined);
    const [, name, value] = /^(#?\w+) = (:\w+)$/.exec(term) ?? [];
    if (name === undefined || value === undefined) throw new Error(`A condition that is not understood: ${term}`);
    return item?.[names[name] ?? name] === values[value];
  });
}
