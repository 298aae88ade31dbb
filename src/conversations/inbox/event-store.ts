import type { Clock } from '../../platform/clock.js';
import { KEEP_FILES } from '../../media/keep-files.js';
import { isUnavailable } from '../../platform/database/connection-errors.js';
import type { PathPool, SqlClient } from '../../platform/database/path-pool.js';
import type { LiveEvents } from '../../platform/live-events.js';
import { asTenantId } from '../../platform/tenancy/tenant-id.js';
import type { Wake } from '../../platform/wake.js';
import { emitEvents } from '../../webhooks/outgoing-events.js';
import { publishHandOvers, type HandedOver } from '../handover/hand-over.js';
import { storeGroupMessages } from './group-messages.js';
import { ConversationMovedError, type ReceivedEvent, type StoreResult } from './ingest-event.js';
import { storeOwnMessages } from './own-messages.js';
import { findPeople, type People, type Placed } from './people.js';
import { isOfAMerge } from './store-errors.js';
import { toStorableJson } from '../../messages/storable.js';

const MERGE_ATTEMPTS = 5;

type Written = People & { readonly handedOver: readonly HandedOver[] };

/** Puts inbound events into the inbox: one transaction per batch. */
export class EventStore {
  constructor(
    private readonly path: PathPool,
    private readonly clock: Clock,
    private readonly wake: Wake,
    private readonly live: LiveEvents,
  ) {}

  /**
   * All events at once; if one of them cannot be stored, each by itself, so that it fails alone.
   *
   * @throws only when Postgres is down, or takes nothing for now
   */
  async store(events: readonly ReceivedEvent[]): Promise<StoreResult> {
    const ordered = inOrderOfArrival(events);
    try {
      await this.commit(ordered);
      return events.map(() => null);
    } catch (error) {
      if (this.path.isDown(error)) throw error;
      if (events.length === 1 && isUnavailable(error)) throw error;
      if (events.length === 1) return [toError(error)];
    }
    const failed = new Map<ReceivedEvent, Error>();
    for (const event of ordered) {
      try {
        await this.commit([event]);
      } catch (error) {
        if (isUnavailable(error)) throw error;
        failed.set(event, toError(error));
      }
    }
    return events.map((event) => failed.get(event) ?? null);
  }

  /** Looks everybody up again when a merge of two contacts was committed between the look-up and the locks. */
  private async commit(events: readonly ReceivedEvent[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { placed, merges, handedOver } = await this.path.transaction((client) => this.write(client, events));
        if (merges > 0) this.wake.signal('merges');
        for (const { event, conversationId } of placed) this.show(event, conversationId);
        publishHandOvers(this.live, handedOver);
        return;
      } catch (error) {
        if (attempt >= MERGE_ATTEMPTS || !isOfAMerge(error)) throw error;
      }
    }
  }

  private async write(client: SqlClient, events: readonly ReceivedEvent[]): Promise<Written> {
    const inGroups = events.filter(({ groupId }) => groupId !== undefined);
    if (inGroups.length > 0) await storeGroupMessages(client, inGroups);
    const inChats = onePerMessage(events.filter(({ groupId }) => groupId === undefined));
    if (inChats.length === 0) return { placed: [], merges: 0, handedOver: [] };
    const { placed, merges } = await findPeople(client, inChats);
    const ids = [...new Set(placed.map(({ conversationId }) => conversationId))];
    // In id order, so that two batches never wait for each other in a circle. The next statement then sees what the
    // rows' earlier holders committed.
    const { rowCount } = await client.query({
      name: 'ingest-lock',
      text: 'select 1 from conversation where id = any($1) order by id for update',
      values: [ids],
    });
    if (rowCount !== ids.length) throw new ConversationMovedError();
    const own = placed.filter(({ event }) => event.isOwn);
    const handedOver = own.length > 0 ? await storeOwnMessages(client, own, this.clock.now()) : [];
    const theirs = placed.filter(({ event }) => !event.isOwn);
    if (theirs.length > 0) await client.query({ name: 'ingest-write', text: WRITE, values: [this.toRows(theirs)] });
    return { placed, merges, handedOver };
  }

  private show({ tenantId, botId, connectionId, isOwn }: ReceivedEvent, conversationId: string): void {
    const data = { conversationId, botId, connectionId, isOwn: isOwn ?? false };
    this.live.publish(asTenantId(tenantId), 'message.received', data);
  }

  private toRows(placed: readonly Placed[]): string {
    const nowMs = this.clock.now().getTime();
    return toStorableJson(
      placed.map(({ event, conversationId, quietMs, lateAfterMs }, n) => ({
        n,
        tenant_id: event.tenantId,
        conversation_id: conversationId,
        connection_id: event.connectionId,
        dedupe_key: event.providerMessageId,
        body: event.content,
        provider_at: event.providerAt,
        received_at: event.receivedAt,
        is_late: nowMs - event.providerAt.getTime() > lateAfterMs,
        is_placeholder: event.content.isPlaceholder ?? false,
        quiet_ms: quietMs,
        address: event.address,
        phone: event.phone,
        profile_name: event.profileName,
      })),
    );
  }
}

/** What opens a file at the provider is nobody's. */
const EMIT_RECEIVED = emitEvents({
  type: 'message.received',
  tenantId: 't.tenant_id',
  body: `jsonb_build_object(
    'conversationId', t.conversation_id, 'messageId', 'in-' || s.id, 'botId', c.bot_id,
    'connectionId', t.connection_id, 'contactId', c.contact_id, 'phone', coalesce(t.phone, c.phone),
    'content', t.body #- '{media,source}', 'at', t.provider_at, 'isLate', t.is_late)`,
  from: `taken t
    join stored s using (conversation_id, connection_id, dedupe_key)
    join conversation c on c.id = t.conversation_id`,
  where: 'not t.is_placeholder',
  orderBy: 't.n',
});

/**
 * `seen` decides what is new: a key that is not there yet, or content for a placeholder that is (INV-2). Only that
 * goes to the inbox, numbered from the conversation's counter, and only that moves the conversation.
 */
const WRITE = `
  with e as materialized (
    select * from jsonb_to_recordset($1::jsonb) as e(n int, tenant_id uuid, conversation_id uuid, connection_id uuid,
      dedupe_key text, body jsonb, provider_at timestamptz, received_at timestamptz, is_late boolean,
      is_placeholder boolean, quiet_ms int, address text, phone text,
      profile_name text)
  ), fresh as (
    insert into seen (connection_id, dedupe_key, tenant_id, is_placeholder)
    select connection_id, dedupe_key, tenant_id, is_placeholder from e order by connection_id, dedupe_key
    on conflict (connection_id, dedupe_key) do update set is_placeholder = false, seen_at = now()
      where seen.is_placeholder and not excluded.is_placeholder
    returning connection_id, dedupe_key
  ), taken as materialized (
    select e.* from e join fresh using (connection_id, dedupe_key)
  ), stored as materialized (
    select s.* from (
      select array_agg(row(tenant_id, conversation_id, connection_id, 'msg', dedupe_key, body, provider_at, received_at,
               is_late, quiet_ms, address, phone, profile_name)::inbox_entry order by n) as entries from taken) t
      cross join lateral append_inbox(t.entries) s
  ), emitted as (${EMIT_RECEIVED}
  ), files as (${KEEP_FILES}
  ), noted as (
    update connection k set last_in_at = now()
      from (select id from connection
             where id in (select connection_id from taken)
               and (last_in_at is null or last_in_at < now() - interval '10 seconds')
               for no key update skip locked) due
     where k.id = due.id
  )
  select (select count(*) from stored), (select count(*) from emitted)`;

/** The order of commit is the order of processing; the provider's second only breaks ties inside one batch. */
function inOrderOfArrival(events: readonly ReceivedEvent[]): ReceivedEvent[] {
  const second = ({ providerAt }: ReceivedEvent) => Math.floor(providerAt.getTime() / 1000);
  return events.toSorted((a, b) => second(a) - second(b));
}

/** A message that is in the batch twice counts once; its content wins over its placeholder. */
function onePerMessage(events: readonly ReceivedEvent[]): ReceivedEvent[] {
  const byKey = new Map<string, ReceivedEvent>();
  for (const event of events) {
    const key = `${event.connectionId} ${event.providerMessageId}`;
    const known = byKey.get(key);
    if (!known || (known.content.isPlaceholder && !event.content.isPlaceholder)) byKey.set(key, event);
  }
  return [...byKey.values()];
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
