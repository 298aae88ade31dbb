import { createInterface } from 'node:readline';
import { startEvolutionDouble } from '../test/support/evolution-double.js';
import { startGraphDouble } from '../test/support/graph-double.js';
import { startTwilioDouble } from '../test/support/twilio-double.js';
import type { BenchProvider } from './send-lines.js';
import { INSTANCE } from './send-lines.js';

/** As quick as its timer lets it be: what is measured is our side. */
const LATENCY_MS = 1;

export type SendDoubleCommand = { readonly do: 'accepted' | 'stop' };
/** Provider message id, and when it was taken: milliseconds since 1970, with fractions. */
export type Accepted = readonly [id: string, at: number];

type Double = { readonly url: string; take(): Accepted[]; stop(): Promise<void> };

const MAKE: Record<BenchProvider, () => Promise<Double>> = {
  official: async () => {
    const double = await startGraphDouble({ latencyMs: LATENCY_MS });
    const take = () => double.accepted.splice(0).map(({ wamid, at }): Accepted => [wamid, at]);
    return { url: double.url, take, stop: () => double.stop() };
  },
  twilio: async () => {
    const double = await startTwilioDouble({ latencyMs: LATENCY_MS });
    const take = () => double.accepted.splice(0).map(({ sid, at }): Accepted => [sid, performance.timeOrigin + at]);
    return { url: double.url, take, stop: () => double.stop() };
  },
  evolution: async () => {
    const double = await startEvolutionDouble({ latencyMs: LATENCY_MS });
    double.addInstance(INSTANCE);
    const take = () => double.accepted.splice(0).map(({ id, at }): Accepted => [id, performance.timeOrigin + at]);
    return { url: double.url, take, stop: () => double.stop() };
  },
};

/** A provider double by its name: prints `{"url":…}`, then answers commands, and ends with its stdin. */
const double = await MAKE[process.argv[2] as BenchProvider]();
print({ url: double.url });
for await (const line of createInterface({ input: process.stdin })) {
  const { do: command } = JSON.parse(line) as SendDoubleCommand;
  if (command === 'stop') break;
  print(double.take());
}
await double.stop();
process.exit(0);

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
