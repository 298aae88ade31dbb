import type { SimulatedFault, SimulatorScript } from '../../src/providers/simulator/simulator.faults.js';
import { SLOW_MS } from './http-mishaps.js';
import type { Mishap } from './plan.js';
import type { Script } from './script.js';

export type SimulatedSend = { readonly text: string; readonly at: number };

/** The simulator has no record of its own, so what it is told to take is written down here. */
export function simulatorScript(script: Script, taken: SimulatedSend[]): SimulatorScript {
  return ({ content, to }) => {
    const text = content.kind === 'text' ? content.text : '';
    const mishap = script.meet('simulator', text);
    const fault: SimulatedFault = mishap ? FAULTS[mishap] : {};
    if (fault.outcome === undefined || fault.outcome === 'unheard') taken.push({ text, at: performance.now() });
    const end = script.endOf('simulator', to.phone ?? '');
    return { ...fault, statuses: end === 'nothing' ? [] : [end] };
  };
}

const FAULTS: Readonly<Record<Mishap, SimulatedFault>> = {
  unreachable: { outcome: 'retry' },
  serverError: { outcome: 'retry' },
  proxyError: { outcome: 'lost' },
  lostBefore: { outcome: 'lost' },
  hang: { outcome: 'unheard' },
  lostAfter: { outcome: 'unheard' },
  slow: { delayMs: SLOW_MS },
  rate: { outcome: 'rate' },
  auth: { outcome: 'auth' },
};
