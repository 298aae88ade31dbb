import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROVIDER_NAMES } from '../../src/providers/whatsapp-provider.js';
import { until } from '../support/until.js';
import { finalRows, queue, type Queued } from './lines.js';
import { FAULTS, paceOf, planCells, type Cell, type Mishap } from './plan.js';
import { Script } from './script.js';
import { Stage } from './stage.js';
import { tableOf } from './table.js';
import { judge, type Judged } from './verdict.js';

const SEEDS = Number(process.env['FAULT_SEEDS'] ?? 8);
const TICK_MS = 100;
/** Nothing listens for so long at the providers that refuse. */
const OUTAGE_MS = 2500 * paceOf(SEEDS);

let stage: Stage;
const judged = new Map<string, Judged[]>();

beforeAll(async () => {
  const script = new Script(planCells(SEEDS));
  stage = await Stage.open(script);
  // Lines of the Cloud API and of Twilio share one address each, so their outage comes before all other faults.
  const comesFirst = ({ provider, fault }: Cell) =>
    fault === 'refused' && (provider === 'official' || provider === 'twilio');
  const messages = script.cells.flatMap((cell) =>
    cell.talks.flatMap((talk) =>
      talk.messages.map(({ atMs }, index) => ({ talk, index, atMs: comesFirst(cell) ? atMs : atMs + OUTAGE_MS })),
    ),
  );
  await stage.cut('official', 'twilio', 'evolution');
  const played = playOut(messages);
  await delay(OUTAGE_MS);
  await stage.mend('official', 'twilio');
  await delay(OUTAGE_MS);
  await stage.mend('evolution');
  await played;
  await settle();
  await judgeAll(script);
  process.stdout.write(`${tableOf((provider, fault) => judged.get(`${provider} ${fault}`) ?? [])}\n`);
}, 600_000);
afterAll(() => stage?.close());

/** Queues every message when its time has come. */
async function playOut(messages: readonly (Queued & { atMs: number })[]): Promise<void> {
  const waiting = messages.toSorted((a, b) => a.atMs - b.atMs || a.index - b.index);
  const startedAt = performance.now();
  for (let next = 0; next < waiting.length;) {
    const elapsed = performance.now() - startedAt;
    const due = waiting.slice(next).findIndex(({ atMs }) => atMs > elapsed);
    const end = due < 0 ? waiting.length : next + due;
    await queue(stage.app.owner, waiting.slice(next, end));
    next = end;
    await delay(TICK_MS);
  }
}

async function settle(): Promise<void> {
  await until(
    'every message to have an outcome',
    async () => {
      const { rows } = await stage.app.owner.query(
        `select 1 from outbox where kind = 'send'
           and (status in ('pending', 'sending', 'unknown') or tell_failure_at is not null) limit 1`,
      );
      return rows.length === 0;
    },
    300_000,
  );
}

async function judgeAll(script: Script): Promise<void> {
  const acceptances = stage.acceptances();
  const rows = await finalRows(stage.app.owner);
  const mishaps = new Map<string, Mishap[]>();
  for (const { text, mishap } of script.hits) mishaps.set(text, [...(mishaps.get(text) ?? []), mishap]);
  for (const bot of stage.bots) {
    const { provider, fault, talks } = bot.cell;
    const texts = new Set(talks.flatMap(({ messages }) => messages.map(({ text }) => text)));
    const isOwn = ({ text }: { text: string }) => texts.has(text);
    const evidence = { rows: rows.filter(isOwn), acceptances: acceptances.filter(isOwn), mishaps };
    const key = `${provider} ${fault}`;
    judged.set(key, [...(judged.get(key) ?? []), judge(bot, evidence)]);
  }
}

it('INV-1: every status that Twilio told once was taken', () => expect(stage.refusedStatuses).toEqual([]));

describe.each(FAULTS)('INV-3, INV-5: %s', (fault) => {
  it.each(PROVIDER_NAMES)('of the first line, %s', (provider) => {
    const cells = judged.get(`${provider} ${fault}`) ?? [];
    expect(cells).toHaveLength(SEEDS);
    expect(cells.flatMap(({ problems }) => problems)).toEqual([]);
  });
});
