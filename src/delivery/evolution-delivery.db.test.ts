import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { eventually } from '../../test/support/delivery.js';
import { startEvolutionDouble, type AcceptedSend, type EvolutionDouble } from '../../test/support/evolution-double.js';
import { statusUpdate, textUpsert } from '../../test/support/evolution-double-bodies.js';
import { connectEvolution, type EvolutionLine } from '../../test/support/evolution-line.js';

let evolution: EvolutionDouble;
let app: TestApp;
let mine: EvolutionLine;
let theirs: EvolutionLine;

beforeAll(async () => {
  evolution = await startEvolutionDouble();
  app = await startTestApp();
  mine = await connectEvolution(app, evolution, 'mine', 'webhook-secret-of-this-line');
  theirs = await connectEvolution(app, evolution, 'theirs', 'the-secret-of-the-other-line');
});
afterAll(async () => {
  await app.close();
  await evolution.stop();
});

async function healthOf(connection: EvolutionLine): Promise<unknown> {
  const { body } = await connection.shop.call('GET', `/api/bots/${connection.botId}/connections/${connection.id}`);
  return [body.health, body.healthReason];
}

let turns = 1000;

/** A message of the bot in the conversation the customer began. */
async function queue(messageId: string, text: string): Promise<string> {
  const { rows } = await app.owner.query<{ id: string }>(
    `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, lane, body, triggered_at)
     select c.tenant_id, c.id, c.connection_id, $3, 1, 'send', 0,
       jsonb_build_object('kind', 'text', 'text', $2::text), now()
     from inbox i join conversation c on c.id = i.conversation_id where i.dedupe_key = $1 returning id::text as id`,
    [messageId, text, ++turns],
  );
  return rows[0]?.id ?? '';
}

/** Queues an answer to a message that comes first; resolves when it has left. */
async function answer(messageId: string, text: string): Promise<{ id: string; sent: AcceptedSend | undefined }> {
  await evolution.emit('mine', 'messages.upsert', textUpsert('hola', { id: messageId }));
  const id = await queue(messageId, text);
  await eventually(async () => expect(await outbox(id)).toMatchObject({ status: 'sent' }));
  return { id, sent: evolution.accepted.at(-1) };
}

async function outbox(id: string) {
  const { rows } = await app.owner.query(
    'select status, delivery, provider_message_id, error from outbox where id = $1',
    [id],
  );
  return rows[0];
}

describe('an answer', () => {
  it('INV-6: leaves by the line, and its statuses only ever raise it', async () => {
    const { id, sent } = await answer('S1', '¡Hola!');
    expect(sent).toMatchObject({
      operation: 'sendText',
      body: { number: '5215512345678@s.whatsapp.net', text: '¡Hola!' },
    });
    expect(await outbox(id)).toMatchObject({ provider_message_id: sent?.id });
    for (const [status, delivery] of [
      ['DELIVERY_ACK', 'delivered'],
      ['READ', 'read'],
      ['SERVER_ACK', 'read'],
      ['READ', 'read'],
      ['DELETED', 'read'],
      ['ERROR', 'read'],
      ['PLAYED', 'played'],
    ] as const) {
      expect(await evolution.emit('mine', 'messages.update', statusUpdate(sent?.id ?? '', status))).toEqual([200]);
      expect(await outbox(id)).toMatchObject({ status: 'sent', delivery });
    }
  });

  it('that WhatsApp refused afterwards has failed', async () => {
    const { id, sent } = await answer('S2', 'uno');
    await evolution.emit('mine', 'messages.update', statusUpdate(sent?.id ?? '', 'ERROR'));
    expect(await outbox(id)).toMatchObject({ status: 'failed', error: { code: 'ERROR', class: 'failover' } });
  });

  it('INV-5: whose answer was lost is known by its words when Evolution tells that it went out', async () => {
    await evolution.emit('mine', 'messages.upsert', textUpsert('hola', { id: 'S5' }));
    evolution.failNext({ kind: 'drop', accepts: true });
    const id = await queue('S5', 'tres');
    await eventually(async () => expect(await outbox(id)).toMatchObject({ status: 'unknown' }));
    const tell = (text: string, own: string) =>
      evolution.emit('mine', 'send.message', textUpsert(text, { id: own, key: { fromMe: true } }));
    await tell('de otro programa', '3EB0OTHER');
    expect(await outbox(id)).toMatchObject({ status: 'unknown', provider_message_id: null });
    const accepted = evolution.accepted.at(-1)?.id ?? '';
    await tell('tres', accepted);
    expect(await outbox(id)).toMatchObject({ status: 'sent', provider_message_id: accepted });
    await evolution.emit('mine', 'messages.update', statusUpdate(accepted, 'READ'));
    expect(await outbox(id)).toMatchObject({ delivery: 'read' });
  });

  it('INV-8: is not settled by a status that came by another line', async () => {
    const { id, sent } = await answer('S3', 'dos');
    expect(await evolution.emit('theirs', 'messages.update', statusUpdate(sent?.id ?? '', 'READ'))).toEqual([200]);
    expect(await outbox(id)).toMatchObject({ delivery: null });
  });
});

describe('the connection of the instance', () => {
  it('is the health of the line', async () => {
    const tell = (state: string, statusReason: number) =>
      evolution.emit('theirs', 'connection.update', { instance: 'theirs', state, statusReason });
    await tell('close', 428);
    expect(await healthOf(theirs)).toEqual(['degraded', 'WhatsApp connection close (428)']);
    await tell('connecting', 200);
    expect(await healthOf(theirs)).toEqual(['degraded', 'WhatsApp connection close (428)']);
    await tell('open', 200);
    expect(await healthOf(theirs)).toEqual(['up', null]);
    await tell('close', 401);
    expect(await healthOf(theirs)).toEqual(['auth_lost', 'WhatsApp connection close (401)']);
  });

  it('without a licence is lost, and the message is not tried again', async () => {
    await evolution.emit('mine', 'messages.upsert', textUpsert('hola', { id: 'L1' }));
    evolution.isLicensed = false;
    const requests = evolution.requests;
    const id = await queue('L1', 'hola');
    await eventually(async () => expect(await outbox(id)).toMatchObject({ status: 'failed' }));
    evolution.isLicensed = true;
    expect(await outbox(id)).toMatchObject({ error: { code: 'LICENSE_REQUIRED', class: 'auth' } });
    expect(evolution.requests).toBe(requests + 1);
    expect(await healthOf(mine)).toEqual(['auth_lost', expect.stringContaining('LICENSE_REQUIRED')]);
  });
});
