import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addEndpoint } from '../../../test/support/endpoints.js';
import { openLinkedBench } from '../../../test/support/linked-events.js';
import {
  makeEvent,
  openMessagePath,
  openPathShop,
  type MessagePath,
  type Shop,
} from '../../../test/support/message-path.js';
import { ContactIdentityService } from '../../contacts/contact-identity.service.js';
import { UnknownSends } from '../../delivery/unknown-sends.js';
import type { MediaService } from '../../media/media.service.js';
import { ConversationsService } from '../conversations.service.js';
import type { Handoff } from './handoff.js';

const MINUTE_MS = 60_000;

let path: MessagePath;
let linked: Awaited<ReturnType<typeof openLinkedBench>>;
let people: ConversationsService;
let unknown: UnknownSends;
let identities: ContactIdentityService;
let shop: Shop;
let from: string;
/** What whoever looks was shown, and when: the rows have to be there already. */
const shown: { type: string; data: object }[] = [];

beforeAll(async () => {
  path = await openMessagePath();
  const { tenants, live } = path.db;
  linked = await openLinkedBench(path);
  people = new ConversationsService(tenants, path.clock, path.wake, {} as MediaService);
  unknown = new UnknownSends(path.db.path, live, path.wake);
  identities = new ContactIdentityService(tenants);
  live.subscribe(({ type, data }) => {
    if (type === 'conversation.handed_over') shown.push({ type, data });
  });
});
beforeEach(async () => {
  path.reset();
  shown.length = 0;
  shop = await openPathShop(path.db);
  from = `5215${String(Math.trunc(Math.random() * 1e9)).padStart(9, '0')}`;
});
afterAll(() => path.close());

const rows = async <T extends object = Record<string, unknown>>(sql: string, ...params: unknown[]): Promise<T[]> =>
  (await path.db.owner.query<T>(sql, params)).rows;
const say = (text = 'hola', more: Parameters<typeof makeEvent>[1] = {}) =>
  path.ingest.ingest([makeEvent(shop, { from, text, ...more })]);
async function talkOf(address = from): Promise<string> {
  const [talk] = await rows<{ id: string }>('select id from conversation where address = $1', address);
  return talk?.id ?? '';
}
const conversation = async (id: string) =>
  (await rows('select mode, handoff, parked_reason from conversation where id = $1', id))[0];
const logged = async (id: string) =>
  (await rows(`select body from log_event where kind = 'handoff' and body ->> 'conversationId' = $1`, id)).map(
    ({ body }) => body,
  );
const emitted = async (id: string) =>
  (
    await rows(
      `select body from outgoing_event where type = 'conversation.handed_over' and body ->> 'conversationId' = $1`,
      id,
    )
  ).map(({ body }) => body);

/** Answered by the bot, as most are before a person is needed. */
async function openTalk(): Promise<string> {
  await say();
  await path.runTurns();
  return talkOf();
}

async function failUntilParked(script: typeof path.engine.script): Promise<void> {
  path.engine.script = script;
  await say('otra vez');
  for (let n = 0; n < 6; n += 1) {
    await path.runTurns();
    path.clock.advance(MINUTE_MS);
  }
}

async function sendOfUnknownOutcome(conversationId: string): Promise<void> {
  await rows(
    `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, body, status, attempt, unknown_at,
                         resend_policy)
     values ($1, $2, $3, 99, 0, 'send', '{"kind": "text", "text": "paga aquí"}', 'unknown', 1, now() - interval '1 hour', 'never')`,
    shop.tenantId,
    conversationId,
    shop.connectionId,
  );
}

/** The process that met the message is gone: what is left of it is its placeholder, hours old. */
async function unreadableMessage(): Promise<void> {
  const messageId = `AD.${randomUUID()}`;
  await say('', { providerMessageId: messageId, content: { type: 'unsupported', text: '', isPlaceholder: true } });
  await rows(
    `insert into linked_placeholder (connection_id, message_id, tenant_id, key, next_at, created_at)
     values ($1, $2, $3, '{}', now(), now() - interval '4 hours')`,
    shop.connectionId,
    messageId,
    shop.tenantId,
  );
}

async function dieOf(conversationId: string): Promise<void> {
  const worker = path.suspects.workerName(0);
  for (let death = 1; death <= 5; death += 1) {
    const dead = `gone-host:1:${death}:0`;
    await path.suspects.note(dead, [{ id: conversationId, tenantId: shop.tenantId }]);
    await rows(`update suspect set noted_at = now() - interval '1 minute' where worker = $1`, dead);
    await path.suspects.takeOver(worker);
    await path.suspects.clear(worker);
  }
}

type Case = {
  readonly cause: string;
  readonly by: Handoff['by'];
  readonly team?: string;
  readonly parkedFor?: string;
  /** @param id a conversation that the bot has */
  happen(id: string): Promise<unknown>;
};

const CASES: readonly Case[] = [
  {
    cause: 'the flow',
    by: 'flow',
    team: 'ventas',
    happen: async () => {
      path.engine.script = () => ({ mode: 'human', handoff: { team: 'ventas', note: 'quiere factura' } });
      await say('humano');
      await path.runTurns();
    },
  },
  { cause: 'a person', by: 'person', happen: (id) => people.handOver(shop.tenantId, id) },
  { cause: 'an answer from the phone', by: 'echo', happen: () => say('Yo le atiendo', { isOwn: true }) },
  {
    cause: 'a send of unknown outcome',
    by: 'unknown_send',
    happen: async (id) => {
      await sendOfUnknownOutcome(id);
      expect(await unknown.giveUp(0)).toBe(1);
    },
  },
  {
    cause: 'a message that never became readable, after the process that met it was killed',
    by: 'unreadable',
    happen: async () => {
      await unreadableMessage();
      await linked.placeholders.runOnce();
    },
  },
  {
    cause: 'five failures of its turn',
    by: 'parked',
    parkedFor: 'cannot read this',
    happen: () =>
      failUntilParked(() => {
        throw new Error('cannot read this');
      }),
  },
  {
    cause: 'five turns that Postgres refuses',
    by: 'parked',
    parkedFor: 'check constraint',
    happen: () =>
      failUntilParked(() => ({
        effects: [{ kind: 'send', content: { kind: 'text', text: 'x' }, resend: 'sometimes' as 'auto' }],
      })),
  },
  { cause: 'five processes that died of it', by: 'parked', parkedFor: 'process died', happen: dieOf },
  {
    cause: 'a merge with a conversation that a person has',
    by: 'person',
    happen: async () => {
      const hidden = { address: '9990001', phone: null, identities: [`lid:9${from}`] };
      await say('soy yo', hidden);
      await people.handOver(shop.tenantId, await talkOf(hidden.address));
      await identities.link(shop.tenantId, [`tel:${from}`, `lid:9${from}`]);
    },
  },
];

describe('every hand-over', () => {
  it.each(CASES)(
    'by $cause leaves its reason, its log event, and is told and shown',
    async ({ by, team = null, parkedFor, happen }) => {
      await addEndpoint(path.db.owner, shop.tenantId);
      const id = await openTalk();
      await happen(id);
      const note = by === 'flow' ? 'quiere factura' : null;
      const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/) as string;
      expect(await conversation(id)).toEqual({
        mode: 'human',
        handoff: { team, note, by, at },
        parked_reason: parkedFor === undefined ? null : (expect.stringContaining(parkedFor) as string),
      });
      const event = { conversationId: id, botId: shop.botId, by, team };
      expect(await logged(id)).toEqual([{ conversationId: id, by, team }]);
      expect(await emitted(id)).toEqual([event]);
      expect(shown.filter(({ data }) => (data as typeof event).conversationId === id)).toEqual([
        { type: 'conversation.handed_over', data: event },
      ]);
    },
  );

  it('is shown and not written where nobody asked for it', async () => {
    const id = await openTalk();
    await people.handOver(shop.tenantId, id);
    expect(await emitted(id)).toEqual([]);
    expect(shown).toHaveLength(1);
  });

  it('of what a person has already changes nothing and is told to nobody', async () => {
    await addEndpoint(path.db.owner, shop.tenantId);
    const id = await openTalk();
    await people.handOver(shop.tenantId, id);
    const before = await conversation(id);
    await say('Yo le atiendo', { isOwn: true });
    await sendOfUnknownOutcome(id);
    await unknown.giveUp(0);
    await unreadableMessage();
    await linked.placeholders.runOnce();
    expect(await conversation(id)).toEqual(before);
    await dieOf(id);
    expect(await conversation(id)).toMatchObject({
      handoff: before?.['handoff'],
      parked_reason: expect.stringContaining('process died'),
    });
    expect([(await logged(id)).length, (await emitted(id)).length, shown.length]).toEqual([1, 1, 1]);
  });

  it('stays one when the flow calls somebody else, who is the reason from then on', async () => {
    await addEndpoint(path.db.owner, shop.tenantId);
    const id = await openTalk();
    const call = (team: string, wakeAtMs: number | null) => {
      path.engine.script = () => ({
        mode: 'human',
        handoff: { team, note: null },
        state: { handedOver: true },
        wakeAtMs,
      });
    };
    call('ventas', Date.now() + MINUTE_MS);
    await say('humano');
    await path.runTurns();
    call('jefe', null);
    path.clock.advance(2 * MINUTE_MS);
    await path.runTurns();
    expect(await conversation(id)).toMatchObject({ mode: 'human', handoff: { by: 'flow', team: 'jefe' } });
    expect([(await logged(id)).length, (await emitted(id)).length, shown.length]).toEqual([1, 1, 1]);
  });
});
