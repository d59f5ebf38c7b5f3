import type { ItemKey } from '../platform/table.ts';

/*
 * Access patterns
 *   what a reply address is for    put if absent, get   pk T#reply:name   sk ~
 *   was a resume link used?        put if absent        pk T#resume:id    sk ~
 */

export function replyItemKey(name: string): ItemKey {
  return { pk: `T#reply:${name}`, sk: '~' };
}

export function resumeItemKey(id: string): ItemKey {
  return { pk: `T#resume:${id}`, sk: '~' };
}
