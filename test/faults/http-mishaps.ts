import type { EvolutionFault } from '../support/evolution-double.js';
import type { GraphFault } from '../support/graph-double-faults.js';
import type { TwilioFault } from '../support/twilio-double-faults.js';
import type { Mishap } from './plan.js';

/** Well within the time a send may take. */
export const SLOW_MS = 900;

type AlikeFault = Extract<GraphFault & TwilioFault, { kind: 'hang' | 'drop' | 'cut' | 'slow' | 'html' }>;

/** What looks the same whoever answers. */
const ALIKE: Readonly<Record<Exclude<Mishap, 'serverError' | 'rate' | 'auth'>, AlikeFault | null>> = {
  unreachable: null,
  proxyError: { kind: 'html', status: 502 },
  hang: { kind: 'hang', accepts: true },
  slow: { kind: 'slow', ms: SLOW_MS },
  lostBefore: { kind: 'drop', accepts: false },
  lostAfter: { kind: 'cut', accepts: true },
};

export function asGraphFault(mishap: Mishap | null): GraphFault | null {
  switch (mishap) {
    case null:
      return null;
    case 'serverError':
      return { kind: 'error', code: 131016 };
    case 'rate':
      return { kind: 'error', code: 130429, retryAfter: '1' };
    case 'auth':
      return { kind: 'error', code: 190 };
    default:
      return ALIKE[mishap];
  }
}

export function asTwilioFault(mishap: Mishap | null): TwilioFault | null {
  switch (mishap) {
    case null:
      return null;
    case 'serverError':
      return { kind: 'error', code: 20503 };
    case 'rate':
      return { kind: 'error', code: 20429, status: 429, retryAfter: '1' };
    case 'auth':
      return { kind: 'error', code: 20003 };
    default:
      return ALIKE[mishap];
  }
}

export function asEvolutionFault(mishap: Mishap | null): EvolutionFault | null {
  switch (mishap) {
    case null:
      return null;
    case 'serverError':
      return { kind: 'error', status: 500, message: ['Error: Internal Server Error'] };
    case 'rate':
      return { kind: 'html', status: 429, retryAfter: '1' };
    case 'auth':
      return { kind: 'error', status: 401, message: 'Unauthorized' };
    default:
      return ALIKE[mishap];
  }
}
