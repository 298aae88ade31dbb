import { parseArgs } from 'node:util';

export type ChaosArguments = {
  readonly messages: number;
  readonly kills: number;
  readonly workers: number;
  readonly seed: number;
  /** Seconds Postgres is stopped in the middle; 0 for not at all. */
  readonly outageSeconds: number;
};

export function readArguments(argv: readonly string[]): ChaosArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      messages: { type: 'string', default: '1000' },
      kills: { type: 'string', default: '10' },
      workers: { type: 'string', default: '2' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      'postgres-outage': { type: 'string', default: '0' },
    },
  });
  const whole = (name: string, text: string, least: number) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least) throw new Error(`--${name} wants a whole number ≥ ${least}`);
    return value;
  };
  return {
    messages: whole('messages', values.messages, 1),
    kills: whole('kills', values.kills, 0),
    workers: whole('workers', values.workers, 1),
    seed: whole('seed', values.seed, 0),
    outageSeconds: whole('postgres-outage', values['postgres-outage'], 0),
  };
}
