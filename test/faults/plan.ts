import { PROVIDER_NAMES, type ProviderName } from '../../src/providers/whatsapp-provider.js';
import { seededRandom } from '../support/graph-double-faults.js';

/** What goes wrong with a bot's first line. */
export const FAULTS = [
  'refused',
  '5xx',
  'timeout but accepted',
  'accepted, never delivered',
  'slow ack',
  '429',
  'auth loss',
  'socket loss',
] as const;
export type Fault = (typeof FAULTS)[number];

/** The line each bot falls back to: another provider's, with the same number. */
export const SECOND_LINE: Readonly<Record<ProviderName, ProviderName>> = {
  official: 'evolution',
  twilio: 'evolution',
  evolution: 'official',
  baileys: 'twilio',
  simulator: 'official',
};

/**
 * What one attempt by the first line meets. `unreachable` is not arranged per attempt: nothing listens there for a
 * while. After `hang`, `slow` and `lostAfter` the message was taken.
 */
export type Mishap =
  'unreachable' | 'serverError' | 'proxyError' | 'hang' | 'slow' | 'rate' | 'auth' | 'lostBefore' | 'lostAfter';

export type PlannedMessage = {
  readonly text: string;
  /** When it is queued, since the start. */
  readonly atMs: number;
  readonly resend: 'auto' | 'never';
  /** Of its attempts by the first line, one after the other; those after them go well. */
  readonly mishaps: readonly Mishap[];
};

export type PlannedTalk = { readonly phone: string; readonly messages: readonly PlannedMessage[] };

/** One bot, its customers, and what it says to them while its first line has the fault. */
export type Cell = {
  readonly provider: ProviderName;
  readonly fault: Fault;
  readonly seed: number;
  /** What the provider tells of a message it took, after `sent`. */
  readonly end: 'delivered' | 'failed' | 'nothing';
  readonly talks: readonly PlannedTalk[];
};

const LAST_AT_MS = 4000;
/** More bots at once than this would be a load of its own, under which what providers tell comes after the grace. */
const SEEDS_AT_ONCE = 5;
const HIT_SHARE = 0.4;

/** Everything takes so many times longer with so many seeds. */
export function paceOf(seeds: number): number {
  return Math.max(1, seeds / SEEDS_AT_ONCE);
}

/** The same cells for the same number of seeds. */
export function planCells(seeds: number): Cell[] {
  let customers = 0;
  const nextPhone = () => `+1206${String(++customers).padStart(7, '0')}`;
  return PROVIDER_NAMES.flatMap((provider) =>
    FAULTS.flatMap((fault) =>
      Array.from({ length: seeds }, (_, index) =>
        planCell(provider, fault, index + 1, { nextPhone, lastAtMs: LAST_AT_MS * paceOf(seeds) }),
      ),
    ),
  );
}

function planCell(
  provider: ProviderName,
  fault: Fault,
  seed: number,
  { nextPhone, lastAtMs }: { nextPhone: () => string; lastAtMs: number },
): Cell {
  const random = seededRandom(seed * 1009 + FAULTS.indexOf(fault) * 101 + PROVIDER_NAMES.indexOf(provider));
  const talks = Array.from({ length: 1 + Math.floor(random() * 2) }, (_, talk) => {
    const times = Array.from({ length: 2 + Math.floor(random() * 3) }, () => Math.floor(random() * lastAtMs));
    const sure = Math.floor(random() * times.length);
    const messages = times
      .toSorted((a, b) => a - b)
      .map((atMs, index) => ({
        text: `${provider} · ${fault} · ${seed} · ${talk} · ${index}`,
        atMs,
        resend: random() < 0.7 ? ('auto' as const) : ('never' as const),
        mishaps: index === sure || random() < HIT_SHARE ? mishapsOf(fault, random) : [],
      }));
    return { phone: nextPhone(), messages };
  });
  const end = fault !== 'accepted, never delivered' ? 'delivered' : random() < 0.5 ? 'failed' : 'nothing';
  return { provider, fault, seed, end, talks };
}

function mishapsOf(fault: Fault, random: () => number): Mishap[] {
  const either = <T>(one: T, other: T) => (random() < 0.5 ? one : other);
  const times = <T>(make: () => T) => Array.from({ length: either(1, 2) }, make);
  switch (fault) {
    case 'refused':
      return times(() => 'unreachable');
    case '5xx':
      return times(() => either('serverError', 'proxyError'));
    case 'timeout but accepted':
      return ['hang'];
    case 'accepted, never delivered':
      return [];
    case 'slow ack':
      return ['slow'];
    case '429':
      return times(() => 'rate');
    case 'auth loss':
      return ['auth'];
    default:
      return times(() => either('lostBefore', 'lostAfter'));
  }
}
