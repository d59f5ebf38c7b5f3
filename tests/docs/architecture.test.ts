import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { synthesizedResources } from '../infra/synthesized.ts';
import { drawTemplate } from '../support/drawTemplate.ts';

const document = join(import.meta.dirname, '../../docs/architecture.md');
const picture = /(?<=```mermaid\n)[\s\S]*?(?=\n```)/;

it('draws the stack as it is synthesized; vitest run with -u draws it anew', async () => {
  const drawn = drawTemplate(synthesizedResources());
  const written = readFileSync(document, 'utf8');
  expect(written).toMatch(picture);
  await expect(written.replace(picture, drawn)).toMatchFileSnapshot(document);
});
