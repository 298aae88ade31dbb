import type { SimulatorScript } from '../../src/providers/simulator/simulator.faults.js';
import type { SimulatedFault } from '../../src/providers/simulator/simulator.faults.js';
import { SLOW_MS } from './http-mishaps.js';
import type { Mishap } from './plan.js';
import type { Script } from './script.js';

export type SimulatedSend = { readonly text: string; readonly at: number };

/** The simulator has no record of its own, so what it is told to take is written down here. */
export function simulatorScript(script: Script, taken: SimulatedSend[]): SimulatorScript {
  return ({ content, to }) => {
    const text = content.kind === 'text' ? content.text : '';
    const fault = faultOf(script.meet('simulator', text));
    if (fault.outcome === undefined || fault.outcome === 'unheard') taken.push({ text, at: performance.now() });
    const end = script.endOf('simulator', to.phone ?? '');
    return { ...fault, statuses: end === 'nothing' ? [] : [end] };
  };
}

function faultOf(mishap: Mishap | null): SimulatedFault {
  switch (mishap) {
    case null:
      return {};
    case 'unreachable':
    case 'serverError':
      return { outcome: 'retry' };
    case 'proxyError':
    case 'lostBefore':
      return { outcome: 'lost' };
    case 'hang':
    case 'lostAfter':
      return { outcome: 'unheard' };
    case 'slow':
      return { delayMs: SLOW_MS };
    case 'rate':
      return { outcome: 'rate' };
    case 'auth':
      return { outcome: 'auth' };
  }
}
