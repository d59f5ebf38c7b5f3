import type { TestClock } from '../ports.ts';
import type { Outbox } from './outbox.ts';
import { SesError } from './queryProtocol.ts';

/** What the account may send, in recipients. */
export interface SendingLimits {
  max24HourSend: number;
  /** Per second of real time. */
  maxSendRate: number;
}

export interface LimitedSending {
  /** Throws Throttling where the recipients would exceed a limit. */
  use(recipients: number): void;
  report(): SendingLimits & { sentLast24Hours: number };
}

/** More than a new account has, so that a demo campaign goes out at once. */
const generous: SendingLimits = { max24HourSend: 50_000, maxSendRate: 200 };

export function createSendingLimits(outbox: Outbox, clock: TestClock, limits = generous): LimitedSending {
  let second: { startedAt: number; sent: number } = { startedAt: Number.NEGATIVE_INFINITY, sent: 0 };

  function sentLast24Hours(): number {
    const since = new Date(clock.now() - 86_400_000).toISOString();
    const mails = outbox.all();
    let sent = 0;
    for (let index = mails.length - 1; index >= 0; index--) {
      const mail = mails[index];
      if (!mail || mail.at < since) break;
      sent += mail.recipients.length;
    }
    return sent;
  }

  return {
    use: (recipients) => {
      if (sentLast24Hours() + recipients > limits.max24HourSend) {
        throw new SesError('Throttling', 'Daily message quota exceeded.');
      }
      const now = performance.now();
      if (now - second.startedAt >= 1000) second = { startedAt: now, sent: 0 };
      if (second.sent + recipients > Math.max(limits.maxSendRate, recipients)) {
        throw new SesError('Throttling', 'Maximum sending rate exceeded.');
      }
      second.sent += recipients;
    },
    report: () => ({ ...limits, sentLast24Hours: sentLast24Hours() }),
  };
}
