import { Pool } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/embedded/embedded-postgres.js';
import { openEchoLines, signIn } from '../support/echo-shop.js';
import { seededRandom } from '../support/graph-double-faults.js';
import { WebhookPoster } from '../support/graph-double-webhook.js';
import { startGraphDouble, type GraphDouble } from '../support/graph-double.js';
import { serverProcess, type ServerProcess } from '../support/server-process.js';
import type { ChaosArguments } from './arguments.js';
import { makeCustomers, pause, writeAll } from './customers.js';
import { judge, type Verdict } from './verdict.js';

const LINES = 10;
const ADMIN = { ADMIN_EMAIL: 'ana@tienda.test', ADMIN_PASSWORD: 'clave-de-ana' };
/** Meta's echo of a status takes a while; late enough here that a blind resend would show as a duplicate. */
const ECHO_DELAY_MS: [number, number] = [1000, 1400];
const SETTLE_MS = 120_000;
const UNDONE = `select (select count(*)::int from inbox where done_at is null) as undone,
  (select count(*)::int from outbox where status in ('pending', 'sending', 'unknown')) as open`;

type Surroundings = { readonly dir: string; readonly secrets: Record<string, string>; say(line: string): void };
type Leftovers = { readonly undone: number; readonly open: number };
export type ChaosResult = Verdict & Leftovers & { readonly killed: number; readonly seconds: number };

export async function runChaos(options: ChaosArguments, { dir, secrets, say }: Surroundings): Promise<ChaosResult> {
  const began = performance.now();
  const random = seededRandom(options.seed);
  let postgres = await startEmbeddedPostgres({ dataDir: dir });
  const graph = await startGraphDouble({ latencyMs: [15, 35], seed: options.seed });
  const poster = new WebhookPoster(graph.appSecret);
  const workers = await startWorkers(options.workers, dir, {
    ...secrets,
    ...ADMIN,
    DATABASE_URL: postgres.url,
    META_GRAPH_URL: graph.url,
    UNKNOWN_GRACE_MS: '20000',
    LOG_LEVEL: 'warn',
  });
  try {
    const [first] = workers;
    if (!first) throw new Error('No worker');
    graph.echoTo({ callbackUrl: `${first.url}/webhooks/official`, delayMs: ECHO_DELAY_MS, duplicateRate: 0.1 });
    const api = await signIn(first.url, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD);
    const customers = makeCustomers(options.messages, await openEchoLines(api, LINES));
    say(`${customers.length} customers write ${options.messages} messages`);

    // Spread over the time the kills need, so that each kill finds work in hand.
    const plannedMs = Math.max(10_000, options.kills * 1_200, options.messages * 3);
    const paceMs = plannedMs / Math.max(1, customers[0]?.texts.length ?? 1);
    const writers = Promise.all(customers.map((customer) => writeAll(customer, workers, poster, random, paceMs)));
    const outage =
      options.outageSeconds === 0
        ? Promise.resolve()
        : pause(plannedMs / 3).then(async () => {
            say(`Postgres stops for ${options.outageSeconds} s`);
            postgres = await outageOf(postgres, dir, options.outageSeconds);
            say('Postgres is back');
          });
    const killed = await killAtRandom(workers, options.kills, plannedMs, random, say);
    await Promise.all([writers, outage]);
    const left = await settle(postgres, graph, options.messages, say);
    const accepted = graph.accepted.map(({ outboxId, to, body }) => ({
      outboxId: outboxId ?? '',
      to,
      text: body.type === 'text' ? String((body['text'] as { body?: unknown } | undefined)?.body) : body.type,
    }));
    const seconds = Math.round((performance.now() - began) / 1000);
    return { ...judge(customers, accepted), ...left, killed, seconds };
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
    await Promise.all([graph.stop(), poster.stop()]);
    await postgres.stop();
  }
}

async function startWorkers(count: number, dir: string, variables: Record<string, string>): Promise<ServerProcess[]> {
  const workers: ServerProcess[] = [];
  for (let n = 1; n <= count; n += 1) {
    const worker = await serverProcess(dir, `worker-${n}`, variables);
    await worker.start();
    workers.push(worker);
  }
  return workers;
}

async function killAtRandom(
  workers: readonly ServerProcess[],
  kills: number,
  plannedMs: number,
  random: () => number,
  say: (line: string) => void,
): Promise<number> {
  let killed = 0;
  while (killed < kills) {
    await pause((plannedMs / kills) * (0.5 + random()));
    const victim = workers[Math.floor(random() * workers.length)];
    if (!victim?.isRunning) continue;
    await victim.kill();
    killed += 1;
    if (killed % 10 === 0) say(`${killed} kills`);
    await comeBack(victim);
  }
  return killed;
}

/** A worker that starts while Postgres is away ends at once; whoever watches it starts it again. */
async function comeBack(worker: ServerProcess): Promise<void> {
  for (;;) {
    const isBack = await worker.start().then(
      () => true,
      () => false,
    );
    if (isBack) return;
    await pause(500);
  }
}

async function outageOf(postgres: EmbeddedPostgres, dir: string, seconds: number): Promise<EmbeddedPostgres> {
  await postgres.stop();
  await pause(seconds * 1000);
  return startEmbeddedPostgres({ dataDir: dir });
}

/** Waits until the database holds nothing that is still to be done, or until it clearly never will. */
async function settle(
  postgres: EmbeddedPostgres,
  graph: GraphDouble,
  messages: number,
  say: (line: string) => void,
): Promise<Leftovers> {
  const owner = new Pool({ connectionString: postgres.url, max: 1 });
  const deadline = performance.now() + SETTLE_MS;
  try {
    for (;;) {
      const { rows } = await owner.query<Leftovers>(UNDONE);
      const left = rows[0] ?? { undone: -1, open: -1 };
      const isDone = left.undone === 0 && left.open === 0 && graph.accepted.length >= messages;
      if (isDone || performance.now() > deadline) return left;
      say(`waiting: ${left.undone} unread, ${left.open} unsent, ${graph.accepted.length} accepted`);
      await pause(2000);
    }
  } finally {
    await owner.end();
  }
}
