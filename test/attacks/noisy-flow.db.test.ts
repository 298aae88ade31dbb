import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Shop, startTestApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';
import { HEAVY_FLOWS, type HeavyFlow } from './heavy-flows.js';

/** More for a run that is to say something about the figures themselves. */
const ROUNDS = Number(process.env['ATTACK_ROUNDS'] ?? '3');
const MESSAGES = 100;
const PER_SECOND = 40;
/** What one turn that is stopped may add on a machine that also runs the other tests. */
const ONE_TURN_MS = 150;

const ECHO = {
  dsl: 1,
  flow: 'heavy',
  locales: ['es'],
  start: 'answer',
  steps: [
    { id: 'answer', type: 'message', text: '{{ msg.text }}', next: 'done' },
    { id: 'done', type: 'end' },
  ],
};

let app: TestApp;
let other: Shop;
let otherBot: string;
let people = 0;

beforeAll(async () => {
  app = await startTestApp();
  other = await app.openShop();
  otherBot = await openBot(other, ECHO);
});
afterAll(() => app.close());

/** A bot on the simulator that speaks the flow. */
async function openBot(shop: Shop, draft: { readonly flow: string }): Promise<string> {
  const done = async (method: string, path: string, body: object) => {
    const answer = await shop.call(method, path, body);
    expect(answer.status, `${method} ${path} ${JSON.stringify(answer.body)}`).toBeLessThan(300);
    return answer.body;
  };
  const flow = await done('POST', '/api/flows', { key: draft.flow, title: 'Pesado', draft });
  const version = await done('POST', `/api/flows/${flow.id}/publish`, {});
  const bot = await done('POST', '/api/bots', { name: 'Bot', locale: 'es' });
  await done('POST', `/api/bots/${bot.id}/connections`, { provider: 'simulator', name: 'Simulador', credentials: {} });
  await done('POST', `/api/bots/${bot.id}/activate`, { versionId: version.id });
  return bot.id;
}

const write = (shop: Shop, botId: string, text: string) => {
  people += 1;
  const from = `+52155${String(people).padStart(8, '0')}`;
  return shop.call('POST', `/api/bots/${botId}/simulator/messages`, { from, text });
};

type Figures = { readonly p50Ms: number; readonly p99Ms: number; readonly stillMs: number };

/** The other shop's customers write at a fixed rate; `meanwhile` happens when a fourth of them has. */
async function serve(meanwhile: () => Promise<unknown> = async () => undefined): Promise<Figures> {
  const { rows } = await app.owner.query<{ id: string }>('select coalesce(max(id), 0)::text as id from outbox');
  const loop = monitorEventLoopDelay({ resolution: 5 });
  loop.enable();
  const posts: Promise<unknown>[] = [];
  for (let n = 0; n < MESSAGES; n += 1) {
    posts.push(write(other, otherBot, String(performance.timeOrigin + performance.now())));
    if (n === MESSAGES / 4) posts.push(meanwhile());
    await delay(1000 / PER_SECOND);
  }
  await Promise.all(posts);
  const took = await until('everybody to be answered', async () => {
    const sent = await app.owner.query<{ ms: number }>(
      `select (extract(epoch from sent_at) * 1000)::float8 - (body ->> 'text')::float8 as ms from outbox
        where id > $1 and tenant_id = $2 and sent_at is not null order by 1`,
      [rows[0]?.id, other.tenantId],
    );
    return sent.rows.length === MESSAGES ? sent.rows.map(({ ms }) => ms) : null;
  });
  loop.disable();
  return { p50Ms: at(took, 0.5), p99Ms: at(took, 0.99), stillMs: loop.max / 1e6 };
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const median = (figures: readonly Figures[], key: keyof Figures) =>
  at(
    figures.map((figure) => figure[key]).toSorted((a, b) => a - b),
    0.5,
  );

/** The one that stopped an installation for minutes, and dear ones of each kind; all end by counting, also under coverage. */
const PUBLISHED: readonly HeavyFlow[] = [
  'folds in two lists',
  'searches from the end',
  'asks for hours in a zone',
  'tells the type of a large map',
  'reads numbers',
].flatMap((name) => HEAVY_FLOWS.filter((flow) => flow.name === name));

describe('one flow cannot stop the others', () => {
  it(
    'published by one shop, one message each: answered at once, and another shop hardly notices',
    { timeout: 300_000 },
    async () => {
      const shop = await app.openShop();
      const bots: { botId: string; text: string }[] = [];
      for (const { document, text } of PUBLISHED) {
        const botId = await openBot(shop, { ...document, flow: `heavy${bots.length}` });
        bots.push({ botId, text });
      }
      await serve();
      const quiet: Figures[] = [];
      const attacked: Figures[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        quiet.push(await serve());
        const { botId = '', text = '' } = bots[round % bots.length] ?? {};
        attacked.push(await serve(() => write(shop, botId, text)));
      }
      for (const { botId, text } of bots.slice(ROUNDS)) await write(shop, botId, text);
      await until('every heavy turn to have ended', async () => {
        const { rows } = await app.owner.query<{ unread: number }>(
          'select count(*)::int as unread from inbox where done_at is null',
        );
        return rows[0]?.unread === 0;
      });
      const { rows: ended } = await app.owner.query<{ mode: string; fails: number }>(
        'select mode, fails from conversation where tenant_id = $1',
        [shop.tenantId],
      );
      process.stdout.write(
        `another shop, median of ${ROUNDS}: quiet ${describeFigures(quiet)}; attacked ${describeFigures(attacked)}\n`,
      );
      expect(ended.every(({ mode, fails }) => mode === 'human' && fails === 0)).toBe(true);
      const [calm, busy] = [median(quiet, 'p99Ms'), median(attacked, 'p99Ms')];
      expect(busy).toBeLessThan(Math.max(1.5 * calm, calm + ONE_TURN_MS));
      expect(median(attacked, 'p50Ms')).toBeLessThan(1.5 * median(quiet, 'p50Ms') + 10);
    },
  );
});

function describeFigures(figures: readonly Figures[]): string {
  const [p50, p99, still] = (['p50Ms', 'p99Ms', 'stillMs'] as const).map((key) => median(figures, key).toFixed(0));
  return `p50 ${p50} ms, p99 ${p99} ms, longest standstill ${still} ms`;
}
