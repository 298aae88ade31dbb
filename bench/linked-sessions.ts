import { randomBytes } from 'node:crypto';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'pg';
import { SecretBox } from '../src/platform/crypto/secret-box.js';
import { migrateUp } from '../src/platform/database/migrate.js';
import { startEmbeddedPostgres } from '../src/platform/embedded/embedded-postgres.js';
import { linkDevices } from '../test/linked/devices.js';
import { serverProcess } from '../test/support/server-process.js';
import { loadBaileys } from './baileys-package.js';
import { WhatsAppServer } from './whatsapp-server.js';

/**
 * Memory of a linked device that is open and idle: a real server process (role adapter) with the real Baileys package,
 * through the real handshake to a server of this program's own, and its keys in Postgres.
 */
const SESSIONS = Number(process.argv[2] ?? '200');
const SETTLE_SECONDS = Number(process.argv[3] ?? '30');
const PATIENCE_MS = 180_000;

const say = (line: string) => process.stdout.write(`${line}\n`);
const dir = await mkdtemp(join(tmpdir(), 'dashoffice-bench-'));
const secrets = { jwtSecret: randomBytes(48).toString('base64url'), encryptionKey: randomBytes(32).toString('base64') };
const postgres = await startEmbeddedPostgres({ dataDir: dir });
await migrateUp(postgres.url);
const owner = new Pool({ connectionString: postgres.url, max: 2 });
const whatsapp = await WhatsAppServer.start();
const program = fileURLToPath(new URL('./linked-server-process.js', import.meta.url));
const adapter = await serverProcess(
  dir,
  'adapter',
  {
    ROLE: 'adapter',
    DATABASE_URL: postgres.url,
    JWT_SECRET: secrets.jwtSecret,
    ENCRYPTION_KEY: secrets.encryptionKey,
    LINKED_SESSIONS_MAX: String(SESSIONS),
    WHATSAPP_URL: whatsapp.url,
    WHATSAPP_ROOT: Buffer.from(whatsapp.root.public).toString('hex'),
    LOG_LEVEL: 'warn',
  },
  program,
);
try {
  await adapter.start();
  const emptyMb = await settledMb();
  say(`no device: ${emptyMb} MB`);
  const loadedMb = await withDevices(1);
  say(`one device, and the package loaded: ${loadedMb} MB`);
  const began = performance.now();
  const fullMb = await withDevices(SESSIONS);
  say(`${SESSIONS} devices: ${fullMb} MB`);
  const perSessionMb = Math.round(((fullMb - loadedMb) / (SESSIONS - 1)) * 1000) / 1000;
  const figures = {
    sessions: SESSIONS,
    emptyMb,
    packageMb: loadedMb - emptyMb,
    fullMb,
    perSessionMb,
    sessionsPerGb: Math.floor(1024 / perSessionMb),
    openedInSeconds: Math.round((performance.now() - began) / 1000 - SETTLE_SECONDS),
  };
  say(`RESULT ${JSON.stringify({ linkedSessions: figures })}`);
} finally {
  await adapter.kill();
  await whatsapp.stop();
  await owner.end();
  await postgres.stop();
  await rm(dir, { recursive: true, force: true });
}

/** Links as many as are missing, waits until all are open, and reads what that takes at rest. */
async function withDevices(count: number): Promise<number> {
  const { initAuthCreds } = await loadBaileys();
  await linkDevices(owner, new SecretBox(secrets), { from: whatsapp.opened, to: count, creds: initAuthCreds });
  const deadline = performance.now() + PATIENCE_MS;
  while ((await openCount()) < count) {
    if (performance.now() > deadline) throw new Error(`Only ${await openCount()} of ${count} devices are open`);
    await new Promise((done) => setTimeout(done, 100));
  }
  return settledMb();
}

async function openCount(): Promise<number> {
  const { rows } = await owner.query<{ open: number }>(
    `select count(*)::int as open from linked_session where state = 'open' and holder is not null`,
  );
  return Math.min(rows[0]?.open ?? 0, whatsapp.opened);
}

async function settledMb(): Promise<number> {
  await new Promise((done) => setTimeout(done, SETTLE_SECONDS * 1000));
  const status = await readFile(`/proc/${adapter.pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}
