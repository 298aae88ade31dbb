import type { ProviderName } from '../../src/providers/whatsapp-provider.js';
import type { Bot, FinalRow } from './lines.js';
import type { Mishap } from './plan.js';

/** A message in the record of a provider that took it. */
export type Acceptance = { readonly provider: ProviderName; readonly text: string; readonly at: number };

export type Ending = 'delivered' | 'failed over' | 'unknown' | 'failed' | 'open';

export type Judged = {
  readonly endings: readonly Ending[];
  /** Messages a provider took more than once. */
  readonly doubled: number;
  /** What must not be, in words. */
  readonly problems: readonly string[];
};

export type Evidence = {
  /** Of the cell, in the order of queueing. */
  readonly rows: readonly FinalRow[];
  /** Of the cell, in the order of time. */
  readonly acceptances: readonly Acceptance[];
  /** What attempts by the first line met. */
  readonly mishaps: ReadonlyMap<string, readonly Mishap[]>;
};

/** Of these nobody can say from the answer whether the message was taken. */
const AMBIGUOUS: ReadonlySet<Mishap> = new Set<Mishap>(['proxyError', 'hang', 'lostBefore', 'lostAfter']);

/**
 * Delivered at least once where that can be, exactly once where the provider says what it took, unknown else, and in
 * order within a conversation; all by the providers' own records.
 */
export function judge({ cell, second }: Bot, { rows, acceptances, mishaps }: Evidence): Judged {
  const problems: string[] = [];
  // What a line took and reported as failed did not arrive.
  const arrived = acceptances.filter(({ provider }) => cell.end !== 'failed' || provider !== cell.provider);
  const copiesOf = (text: string) => arrived.filter((one) => one.text === text).length;
  const endings = rows.map((row): Ending => {
    const say = (what: string) => problems.push(`${row.text}: ${what}: ${describe(row)}`);
    const copies = copiesOf(row.text);
    const met = mishaps.get(row.text) ?? [];
    if (copies > 1) say(`taken ${copies} times`);
    switch (row.status) {
      case 'sent':
        if (copies === 0) say('recorded as sent, and nobody took it');
        return row.connectionId === second.id ? 'failed over' : 'delivered';
      case 'failed': {
        if (cell.end === 'failed' && row.delivery === 'failed') {
          say('failed beside a line that could carry it');
          return 'failed';
        }
        const resend = cell.talks.flatMap(({ messages }) => messages).find(({ text }) => text === row.text)?.resend;
        const isAmbiguous = met.some((mishap) => AMBIGUOUS.has(mishap) || isUnclear(cell.provider, mishap));
        if (row.error?.code !== 'unknown' || resend === 'auto' || !isAmbiguous) say('given up');
        else if (copies > 0) say('the provider said that it took it');
        return 'unknown';
      }
      default:
        say('has no outcome');
        return 'open';
    }
  });
  return {
    endings,
    doubled: rows.filter(({ text }) => copiesOf(text) > 1).length,
    problems: [...problems, ...disorders(rows, arrived)],
  };
}

/** Evolution answers 500 from before and from behind the send alike. */
function isUnclear(provider: ProviderName, mishap: Mishap): boolean {
  return provider === 'evolution' && mishap === 'serverError';
}

/** A repeat comes right after the original, so that times never go back along a conversation. */
function disorders(rows: readonly FinalRow[], acceptances: readonly Acceptance[]): string[] {
  const places = new Map(rows.map(({ text }) => [text, placeOf(text)]));
  const last = new Map<string, number>();
  return acceptances.flatMap(({ text, provider }) => {
    const place = places.get(text);
    if (!place) return [];
    const before = last.get(place.talk) ?? -1;
    last.set(place.talk, Math.max(before, place.index));
    return place.index < before ? [`${text}: taken by ${provider} after message ${before}`] : [];
  });
}

function placeOf(text: string): { talk: string; index: number } {
  const cut = text.lastIndexOf(' · ');
  return { talk: text.slice(0, cut), index: Number(text.slice(cut + 3)) };
}

function describe({ status, delivery, attempt, error }: FinalRow): string {
  return `${status}, delivery ${delivery ?? '-'}, attempt ${attempt}${error ? `, ${error.code}: ${error.reason}` : ''}`;
}
