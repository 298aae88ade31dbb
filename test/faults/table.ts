import { PROVIDER_NAMES, type ProviderName } from '../../src/providers/whatsapp-provider.js';
import { FAULTS, type Fault } from './plan.js';
import type { Ending, Judged } from './verdict.js';

export type Cells = (provider: ProviderName, fault: Fault) => readonly Judged[];

/** Fault by provider: what became of the messages. */
export function tableOf(cells: Cells): string {
  const lines = FAULTS.flatMap((fault) =>
    PROVIDER_NAMES.map((provider) => {
      const judged = cells(provider, fault);
      const endings = judged.flatMap((one) => one.endings);
      const count = (ending: Ending) => endings.filter((one) => one === ending).length;
      const doubled = judged.reduce((sum, one) => sum + one.doubled, 0);
      const figures = [count('delivered'), count('failed over'), count('unknown'), count('failed'), doubled];
      return [fault, provider, endings.length, ...figures];
    }),
  );
  const head = ['fault', 'first line', 'messages', 'delivered', 'failed over', 'unknown', 'failed', 'doubled'];
  return [head, ...lines]
    .map((line) =>
      line
        .map((value, column) => String(value).padEnd(column === 0 ? 26 : 12))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}
