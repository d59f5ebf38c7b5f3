import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';
import { proseOf, readPages, repository } from '../support/documents.ts';

const pages = readPages();
const anchors = new Map(pages.map((page) => [page.path, anchorsOf(page.text)]));

it.each(pages.map((page) => [page.path, page] as const))('%s links to what there is', (path, page) => {
  const faults = linksIn(proseOf(page)).filter((link) => !leadsSomewhere(path, link));
  expect(faults).toEqual([]);
});

it('every page of the documentation is linked from another one', () => {
  const linked = pages.flatMap((page) =>
    linksIn(proseOf(page)).map((link) => normalize(join(dirname(page.path), link.split('#')[0] ?? ''))),
  );
  const reachable = (path: string) => linked.some((target) => target === path || target === dirname(path));
  expect(pages.map(({ path }) => path).filter((path) => path !== 'README.md' && !reachable(path))).toEqual([]);
});

it('finds a page, a heading and nothing else', () => {
  expect(leadsSomewhere('docs/local.md', '../README.md#deploy')).toBe(true);
  expect(leadsSomewhere('docs/local.md', '../README.md#deplo')).toBe(false);
  expect(leadsSomewhere('docs/local.md', 'nowhere.md')).toBe(false);
});

/** Relative ones; whether the rest of the world is there is no guarantee of ours. */
function linksIn(prose: string): string[] {
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

function leadsSomewhere(from: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const path = file === '' ? from : normalize(join(dirname(from), file));
  if (!existsSync(join(repository, path))) return false;
  return anchor === undefined || anchors.get(path)?.has(anchor) === true;
}

/** Headings as the forge makes anchors of them. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\- _]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
