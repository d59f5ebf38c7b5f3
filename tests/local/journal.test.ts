import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openJournal } from '../../local/openJournal.ts';
import { temporaryDirectory } from './events-support.ts';

const directory = temporaryDirectory();
let files = 0;
const newPath = () => join(directory, `journal-${++files}.jsonl`);
const isText = (value: unknown): value is string => typeof value === 'string';

test('what was put and flushed is there again, in the order of its first coming, without what was removed', () => {
  const path = newPath();
  const journal = openJournal(path, isText);
  for (const id of ['a', 'b', 'c']) journal.put(id, `${id} first`);
  journal.flush();
  journal.put('a', 'a second');
  journal.remove('b');
  journal.flush();
  journal.put('d', 'never flushed');
  expect(openJournal(path, isText).entries()).toEqual([
    ['a', 'a second'],
    ['c', 'c first'],
  ]);
});

test('an entry that moves in one flush is never missing: its removal is not written', () => {
  const path = newPath();
  const journal = openJournal(path, isText);
  journal.put('a', 'in the queue');
  journal.flush();
  journal.remove('a');
  journal.put('a', 'among the dead letters');
  journal.flush();
  expect(readFileSync(path, 'utf8').split('\n').filter(Boolean)).toEqual([
    '{"id":"a","entry":"in the queue"}',
    '{"id":"a","entry":"among the dead letters"}',
  ]);
});

test('half a line, as a crash leaves it, spoils nothing before it and nothing after it', () => {
  const path = newPath();
  const journal = openJournal(path, isText);
  journal.put('a', 'whole');
  journal.flush();
  appendFileSync(path, '{"id":"b","entry":"ha');
  journal.put('c', 'also whole');
  journal.flush();
  expect(openJournal(path, isText).entries()).toEqual([
    ['a', 'whole'],
    ['c', 'also whole'],
  ]);
});

test('the file grows with what it holds, not with what passed through it', () => {
  const path = newPath();
  const journal = openJournal(path, isText);
  journal.put('kept', 'stays');
  const text = 'x'.repeat(100_000);
  for (let index = 0; index < 200; index++) {
    journal.put(`passing-${index}`, text);
    journal.flush();
    journal.remove(`passing-${index}`);
    journal.flush();
  }
  expect(statSync(path).size).toBeLessThan(5_000_000);
  expect(openJournal(path, isText).entries()).toEqual([['kept', 'stays']]);
});

test('only its owner reads it', () => {
  const path = newPath();
  openJournal(path, isText);
  expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
});
