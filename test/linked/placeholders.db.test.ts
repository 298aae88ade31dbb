import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SecretBox } from '../../src/platform/crypto/secret-box.js';
import { linkedPlaceholder, linkedText } from '../support/baileys-double.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { addEndpoint } from '../support/endpoints.js';
import { serverProcess, type ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';
import { linkDevices } from './devices.js';

const MINUTE_MS = 60_000;

let database: TestDatabase;
let server: ServerProcess;
let phone: Server;
let wire: Socket | null = null;
let dir: string;

beforeAll(async () => {
  database = await openTestDatabase();
  dir = await mkdtemp(join(tmpdir(), 'dashoffice-placeholders-'));
  const secrets = {
    jwtSecret: randomBytes(48).toString('base64url'),
    encryptionKey: randomBytes(32).toString('base64'),
  };
  await linkDevices(database.owner, new SecretBox(secrets), { to: 1 });
  const [tenant] = await rows('select id from tenant');
  await addEndpoint(database.owner, String(tenant?.['id']), ['conversation.handed_over']);
  phone = createServer((socket) => {
    wire = socket.on('error', () => undefined).once('close', () => (wire = null));
  });
  phone.listen(0, '127.0.0.1');
  await once(phone, 'listening');
  const variables = {
    DATABASE_URL: database.url,
    JWT_SECRET: secrets.jwtSecret,
    ENCRYPTION_KEY: secrets.encryptionKey,
    PHONE_PORT: String((phone.address() as AddressInfo).port),
    LOG_LEVEL: 'warn',
  };
  server = await serverProcess(dir, 'one', variables, 'dist/linked/phoned-server-process.js');
  await server.start();
}, MINUTE_MS);

afterAll(async () => {
  await server.kill();
  wire?.destroy();
  phone.close();
  await database.close();
  await rm(dir, { recursive: true, force: true });
});

const rows = async (sql: string, ...params: unknown[]): Promise<Record<string, unknown>[]> =>
  (await database.owner.query(sql, params)).rows;

async function deliver(message: object): Promise<void> {
  await until('the device to be open', async () => wire !== null && (await isOpen()), MINUTE_MS);
  wire?.write(`${JSON.stringify(message)}\n`);
}

async function isOpen(): Promise<boolean> {
  return (await rows(`select 1 from linked_session where state = 'open' and lease_until > now()`)).length > 0;
}

/** The stub is stored, and the process dies before the content of the message could come. */
async function receiveStubAndDie(id: string, from: string): Promise<void> {
  await deliver(linkedPlaceholder(id, from));
  await until('the stub to be stored', async () => {
    const stored = await rows('select 1 from seen where dedupe_key = $1 and is_placeholder', id);
    return stored.length > 0 && (await rows('select 1 from linked_placeholder where message_id = $1', id)).length > 0;
  });
  await server.kill();
  await server.start();
}

const TALK = `select conversation_id from inbox where dedupe_key = $1`;
const handedOver = (messageId: string) =>
  rows(
    `select body ->> 'by' as by from outgoing_event where type = 'conversation.handed_over'
        and (body ->> 'conversationId')::uuid in (${TALK})`,
    messageId,
  );

it(
  'INV-2: after a kill -9 between a stub and its content, the content takes the place of the stub',
  async () => {
    await receiveStubAndDie('AD1', '5215511110001@s.whatsapp.net');
    await deliver(linkedText('AD1', 'Vi su anuncio', { from: '5215511110001@s.whatsapp.net' }));
    await until('the content to be there and nobody to be asked for it', async () => {
      const content = await rows(`select 1 from inbox where dedupe_key = 'AD1' and body ->> 'text' = 'Vi su anuncio'`);
      const asked = await rows(`select 1 from linked_placeholder where message_id = 'AD1'`);
      return content.length === 1 && asked.length === 0;
    });
    expect(await handedOver('AD1')).toEqual([]);
  },
  MINUTE_MS,
);

it(
  'after a kill -9 between a stub and its content, which never comes, a person is told once',
  async () => {
    await receiveStubAndDie('AD2', '5215511110002@s.whatsapp.net');
    await rows(`update linked_placeholder set created_at = now() - interval '4 hours' where message_id = 'AD2'`);
    const isTold = async () => (await handedOver('AD2')).length > 0;
    await until('a person to have the conversation', isTold, 20_000);
    await server.kill();
    await server.start();
    await until('the device to be open again', async () => wire !== null && (await isOpen()), MINUTE_MS);
    expect(await handedOver('AD2')).toEqual([{ by: 'unreadable' }]);
    const talk = await rows(`select mode, handoff ->> 'by' as by from conversation where id in (${TALK})`, 'AD2');
    expect(talk).toEqual([{ mode: 'human', by: 'unreadable' }]);
  },
  2 * MINUTE_MS,
);
