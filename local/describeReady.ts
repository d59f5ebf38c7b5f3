import { visitor } from './demo/story.ts';
import type { Flags } from './parseFlags.ts';
import type { Platform } from './platform.ts';

/** What is printed when the platform is ready: one line of JSON, or a few for a person. */
export function describeReady(
  platform: Platform,
  { json, hasDemo }: Pick<Flags, 'json'> & { hasDemo: boolean },
): string[] {
  const { url, keys } = platform;
  if (!json) {
    return [
      `Throughline  ${url}    nothing leaves this machine`,
      ...(hasDemo
        ? [
            `${visitor.name} looked around the vets’ website, ordered cat food, asked in the chat and was answered: one timeline.`,
            ` Visitor    ${url}/demo/visitor   her timeline, and the context an agent sees`,
          ]
        : []),
      ' Developer  npm run try      one Segment event → timeline, 1 write unit',
      ` API        ${url}/openapi.json`,
      'npm run keys · npm start -- --fresh · Ctrl-C stops, the data stays',
    ];
  }
  return [
    JSON.stringify({
      ready: true,
      api: url,
      ...(platform.serves('GET', '/') ? { console: `${url}/` } : {}),
      ...(hasDemo ? { demoSite: `${url}/demo/visitor` } : {}),
      ...(platform.serves('GET', '/_local/mailbox') ? { mailbox: `${url}/_local/mailbox` } : {}),
      keys,
    }),
  ];
}
