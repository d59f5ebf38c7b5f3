import type { Told } from './demo/readTold.ts';
import { jonas, lena } from './demo/story.ts';
import type { Flags } from './parseFlags.ts';
import type { Platform } from './platform.ts';

export interface ReadyOptions extends Pick<Flags, 'json'> {
  /** The demo's story; undefined where it is not among the data. */
  told: Told | undefined;
  /** IANA name of the zone in which a person reads times. */
  timeZone: string;
}

/** What is printed when the platform is ready: one line of JSON, or a few for a person. */
export function describeReady(platform: Platform, { json, told, timeZone }: ReadyOptions): string[] {
  const { url, keys } = platform;
  const mailbox = platform.serves('GET', '/_local/mailbox') ? `${url}/_local/mailbox` : undefined;
  if (!json) {
    return [
      `Throughline  ${url}    nothing leaves this machine`,
      ...(told ? storyLines(told, timeZone) : []),
      ...doorLines([
        ...(told ? storyDoors(url) : []),
        ...(mailbox ? [['Mailbox', mailbox, 'what was sent'] as const] : []),
        ['Developer', 'npm run try', 'one Segment event → timeline, 1 write unit'],
        ['API', `${url}/docs`, 'every operation'],
      ]),
      'npm run keys · npm start -- --fresh · Ctrl-C stops, the data stays',
    ];
  }
  return [
    JSON.stringify({
      ready: true,
      api: url,
      ...(platform.serves('GET', '/') ? { console: `${url}/` } : {}),
      ...(told ? { demoSite: `${url}/demo/visitor` } : {}),
      ...(mailbox ? { mailbox } : {}),
      ...(platform.inboundDomain === undefined ? {} : { inboundDomain: platform.inboundDomain }),
      keys,
    }),
  ];
}

/** Each line only where the timelines say so. */
function storyLines({ lena: hers, jonas: his }: Told, timeZone: string): string[] {
  const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone });
  const at = (time: string) => clock.format(new Date(time));
  const lines: string[] = [];
  if (hers) {
    const times = `chatted ${at(hers.chattedAt)}, called ${at(hers.calledAt)}, mailed ${at(hers.mailedAt)}`;
    lines.push(`${lena.name} ${times}: one timeline.`);
  }
  if (his) {
    lines.push(
      `${jonas.name} called ${at(his.calledAt)} and was missed; a mail in German reached him ${at(his.mailedAt)}.`,
    );
  }
  return lines;
}

type Door = readonly [who: string, where: string, what: string];

function storyDoors(url: string): Door[] {
  return [
    ['Agent', `${url}/demo/ring`, 'the phone rings; her context appears'],
    ['Inbox', `${url}/console/inbox`, 'who waits for an answer, longest first'],
    ['Customer', `${url}/demo/visitor`, 'one timeline, whatever the channel'],
  ];
}

function doorLines(doors: readonly Door[]): string[] {
  const width = Math.max(...doors.map(([, where]) => where.length));
  return doors.map(([who, where, what]) => ` ${who.padEnd(10)} ${where.padEnd(width)}  ${what}`);
}
