import { until } from '../../../test/support/until.js';
import { keepsTheContract } from '../../../test/support/provider-contract.js';
import type { Recipient } from '../whatsapp-provider.js';
import { SimulatorProvider } from './simulator.provider.js';

/** The simulator fails by the number written to. */
const numbered = (number: string): Recipient => ({ address: `9990${number}55`, phone: `+9990${number}55` });

keepsTheContract('simulator', async () => {
  const provider = new SimulatorProvider({ statusStepMs: 1 });
  const delivered = new Set<string>();
  provider.reportTo({
    deliver: async (updates) => {
      for (const { outboxId, status } of updates) if (status === 'delivered') delivered.add(outboxId);
    },
  });
  const account = { connectionId: 'c-1', credentials: {} };
  const to = { address: '5215512345678', phone: '+5215512345678' };
  let marks = 0;
  return {
    provider,
    account,
    incomplete: account,
    to,
    messageId: 'sim.1',
    template: 'bienvenida',
    // Statuses are all there is of the far end. They are told in order, so those of one more message come last.
    arrived: async () => {
      const mark = `mark-${(marks += 1)}`;
      const signal = AbortSignal.timeout(5_000);
      await provider.send(account, { outboxId: mark, to, content: { kind: 'text', text: '.' } }, signal);
      await until(`${mark} to be delivered`, async () => delivered.has(mark));
      return delivered.size - marks;
    },
    meet: (fault, arrives = false) => {
      if (fault === 'refusal') return numbered('05');
      return fault === 'silence' ? numbered('10') : numbered(arrives ? '09' : '08');
    },
    keep: () => null,
    close: async () => provider.onModuleDestroy(),
  };
});
