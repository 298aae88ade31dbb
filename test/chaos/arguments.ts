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

/** A small seeded generator (mulberry32): the same seed plays the same kills and the same duplicates. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
