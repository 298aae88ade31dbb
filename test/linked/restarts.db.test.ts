import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SecretBox } from '../../src/platform/crypto/secret-box.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { serverProcess, type ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';
import { holdsLease, linkDevices } from './devices.js';
import { Witness } from './witness.js';

const SESSIONS = 200;
const ROUNDS = 3;
const MINUTE = 60_000;

let database: TestDatabase;
let witness: Witness;
let dir: string;
const processes: ServerProcess[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  dir = await mkdtemp(join(tmpdir(), 'dashoffice-linked-'));
  const secrets = {
    jwtSecret: randomBytes(48).toString('base64url'),
    encryptionKey: randomBytes(32).toString('base64'),
  };
  const devices = await linkDevices(database.owner, new SecretBox(secrets), { to: SESSIONS });
  witness = await Witness.start(devices, (device, pid) => holdsLease(database.owner, device, pid));
  const variables = {
    ROLE: 'adapter',
    DATABASE_URL: database.url,
    JWT_SECRET: secrets.jwtSecret,
    ENCRYPTION_KEY: secrets.encryptionKey,
    WITNESS_PORT: String(witness.port),
    LOG_LEVEL: 'warn',
  };
  for (const name of ['one', 'two'])
    processes.push(await serverProcess(dir, name, variables, 'dist/linked/witnessed-server-process.js'));
});

afterAll(async () => {
  await Promise.all(processes.map((process) => process.kill()));
  await witness.stop();
  await database.close();
  await rm(dir, { recursive: true, force: true });
});

const allOpen = () => until('every device to be open', async () => witness.openCount() === SESSIONS, 2 * MINUTE);

it(
  'two processes never hold one device at once, through restarts and kills, and lose none',
  async () => {
    await Promise.all(processes.map((process) => process.start()));
    await allOpen();

    for (let round = 0; round < ROUNDS; round += 1) {
      for (const process of processes) {
        expect(await process.stop()).toBe(0);
        await process.start();
        await allOpen();
      }
    }
    const restarted = witness.takeDowntimes();

    for (let kill = 0; kill < processes.length; kill += 1) {
      const victim = processes.toSorted((a, b) => witness.openCount(b.pid) - witness.openCount(a.pid))[0];
      await victim?.kill();
      await until('its sockets to end', async () => witness.openCount() < SESSIONS);
      await allOpen();
      await victim?.start();
    }
    const killed = witness.takeDowntimes();
    say('restart', restarted);
    say('kill -9', killed);

    // Each was moved at least once in every round, and by both kills.
    expect(restarted.length).toBeGreaterThanOrEqual(SESSIONS * ROUNDS);
    expect(killed.length).toBeGreaterThanOrEqual(SESSIONS);
    expect(witness.seen).toEqual({
      twoHolders: 0,
      openedWithoutLease: 0,
      keysUsedTwice: 0,
      logouts: 0,
      unknownDevices: 0,
    });
    const { rows } = await database.owner.query(
      `select s.state, c.health, count(*)::int from linked_session s join connection c on c.id = s.connection_id
        where s.linked_at is not null group by s.state, c.health`,
    );
    expect(rows).toEqual([{ state: 'open', health: 'up', count: SESSIONS }]);
  },
  5 * MINUTE,
);

function say(what: string, sortedMs: readonly number[]): void {
  const at = (share: number) => Math.round(sortedMs[Math.ceil(sortedMs.length * share) - 1] ?? 0);
  process.stdout.write(
    `downtime of a linked device, ${what}: median ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms (${sortedMs.length})\n`,
  );
}
