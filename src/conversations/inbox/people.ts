import { randomUUID } from 'node:crypto';
import type { SqlClient } from '../../platform/database/path-pool.js';
import { UnroutableEventError, type ReceivedEvent } from './ingest-event.js';
import { toStorableJson, toStorableText } from '../../messages/storable.js';

/** An event and the conversation it belongs to, with the bot's settings. */
export type Placed = {
  readonly event: ReceivedEvent;
  readonly conversationId: string;
  readonly quietMs: number;
  readonly lateAfterMs: number;
};

type Known = {
  readonly event: ReceivedEvent;
  readonly contactId: string | null;
  readonly conversationId: string | null;
  readonly quietMs: number;
  readonly lateAfterMs: number;
  /** Identities of this person that are not written down yet. */
  readonly newIdentities: readonly string[];
  /** Contacts that go by identities of this one person are to become one. */
  readonly isSeveral: boolean;
};

export type People = {
  readonly placed: readonly Placed[];
  /** How many were noted for whoever merges contacts. */
  readonly merges: number;
};

type Row = {
  n: number;
  contact_id: string | null;
  conversation_id: string | null;
  quiet_ms: number;
  late_after_ms: number;
};

/**
 * Finds everybody's conversation and creates what is missing. Two processes that meet the same new person at the same
 * moment make one contact: they wait for each other on that person's identities, then look again. Who turns out to be two
 * contacts is noted to be merged, and until then is the one of the best known name.
 *
 * @throws UnroutableEventError no such bot in the tenant
 */
export async function findPeople(client: SqlClient, given: readonly ReceivedEvent[]): Promise<People> {
  let events = given;
  let known = await lookUp(client, events);
  if (known.some(({ newIdentities }) => newIdentities.length > 0)) {
    if (known.some(({ contactId }) => contactId === null)) await waitForOthers(client, known);
    events = await addLinkedIdentities(client, known);
    known = await lookUp(client, events);
  }
  if (known.some(({ contactId }) => contactId === null)) {
    await createContacts(client, known);
    known = await lookUp(client, events);
  }
  const merges = (await noteMerges(client, known)) + (await learnIdentities(client, known));
  if (known.some(({ conversationId }) => conversationId === null)) {
    await createConversations(client, known);
    known = await lookUp(client, events);
  }
  const placed = known.map(({ event, conversationId, quietMs, lateAfterMs }) => {
    if (conversationId === null) throw new UnroutableEventError('The conversation cannot be opened');
    return { event, conversationId, quietMs, lateAfterMs };
  });
  return { placed, merges };
}

async function lookUp(client: SqlClient, events: readonly ReceivedEvent[]): Promise<Known[]> {
  const names = events.flatMap((event, n) => event.identities.map((value) => ({ n, event, value })));
  const { rows } = await client.query<Row>({
    name: 'ingest-people',
    text: `
      select e.n, b.quiet_ms, b.late_after_ms, i.contact_id, c.id as conversation_id
        from unnest($1::int[], $2::uuid[], $3::uuid[], $4::text[]) with ordinality e(n, tenant_id, bot_id, value, place)
        join bot b on b.id = e.bot_id and b.tenant_id = e.tenant_id
        left join contact_identity i on i.tenant_id = e.tenant_id and i.value = e.value
        left join conversation c on c.bot_id = e.bot_id and c.contact_id = i.contact_id
       order by e.place`,
    values: [
      names.map(({ n }) => n),
      names.map(({ event }) => event.tenantId),
      names.map(({ event }) => event.botId),
      names.map(({ value }) => toStorableText(value)),
    ],
  });
  if (rows.length !== names.length) throw new UnroutableEventError('The event is for a bot that does not exist');
  const byEvent = Map.groupBy(
    rows.map((row, place) => ({ row, value: toStorableText(names[place]?.value ?? '') })),
    ({ row }) => row.n,
  );
  return events.map((event, n) => {
    const mine = byEvent.get(n) ?? [];
    const first = mine[0];
    if (!first) throw new UnroutableEventError('The event names nobody');
    const match = mine.find(({ row }) => row.contact_id !== null) ?? first;
    return {
      event,
      contactId: match.row.contact_id,
      conversationId: match.row.conversation_id,
      quietMs: first.row.quiet_ms,
      lateAfterMs: first.row.late_after_ms,
      newIdentities: mine.filter(({ row }) => row.contact_id === null).map(({ value }) => value),
      isSeveral: new Set(mine.map(({ row }) => row.contact_id).filter((id) => id !== null)).size > 1,
    };
  });
}

/** A new identity may be known to be the same person's as others; now that they write, all of them are written down. */
async function addLinkedIdentities(client: SqlClient, known: readonly Known[]): Promise<ReceivedEvent[]> {
  const fresh = known.flatMap(({ event, newIdentities }) =>
    newIdentities.map((value) => ({ tenantId: event.tenantId, value })),
  );
  const { rows } = await client.query<{ tenant_id: string; value: string; linked: string; phone: string | null }>({
    name: 'ingest-linked-names',
    text: `
      with met as (
        select e.tenant_id, e.value, mine.group_id
          from unnest($1::uuid[], $2::text[]) e(tenant_id, value)
          join identity_link mine on mine.tenant_id = e.tenant_id and mine.value = e.value
      ), known as (
        delete from identity_link l using (select distinct tenant_id, group_id from met) g
         where l.tenant_id = g.tenant_id and l.group_id = g.group_id
        returning l.tenant_id, l.group_id, l.value, l.phone
      )
      select met.tenant_id, met.value, known.value as linked, known.phone
        from met join known using (tenant_id, group_id) order by known.value`,
    values: [fresh.map(({ tenantId }) => tenantId), fresh.map(({ value }) => value)],
  });
  if (rows.length === 0) return known.map(({ event }) => event);
  const key = (tenantId: string, value: string) => `${tenantId} ${value}`;
  const linked = Map.groupBy(rows, ({ tenant_id, value }) => key(tenant_id, value));
  return known.map(({ event, newIdentities }) => {
    const more = newIdentities.flatMap((value) => linked.get(key(event.tenantId, value)) ?? []);
    const identities = [...new Set([...event.identities, ...more.map((row) => row.linked)])];
    return { ...event, identities, phone: event.phone ?? more.find((row) => row.phone !== null)?.phone ?? null };
  });
}

/** Contacts cannot be merged here: `path` cannot read what they have. */
function noteMerges(client: SqlClient, known: readonly Known[]): Promise<number> {
  return note(
    client,
    known.filter(({ isSeveral }) => isSeveral),
  );
}

async function note(client: SqlClient, known: readonly Known[]): Promise<number> {
  if (known.length === 0) return 0;
  const rows = known.map(({ event }) => ({
    tenant_id: event.tenantId,
    names: event.identities.map((key) => toStorableText(key)),
    phone: toPhone(event.phone),
  }));
  await client.query(
    `insert into contact_merge (tenant_id, names, phone)
     select m.tenant_id, array(select jsonb_array_elements_text(m.names)), m.phone
       from jsonb_to_recordset($1::jsonb) as m(tenant_id uuid, names jsonb, phone text)`,
    [toStorableJson(rows)],
  );
  return rows.length;
}

/** Locks on identities, in one order for everybody, held until the commit. */
async function waitForOthers(client: SqlClient, known: readonly Known[]): Promise<void> {
  const names = new Set(
    known
      .filter(({ contactId }) => contactId === null)
      .flatMap(({ event, newIdentities }) => newIdentities.map((value) => `${event.tenantId} ${value}`)),
  );
  await client.query(
    `select pg_advisory_xact_lock(key)
       from (select distinct hashtextextended(name, 0) as key from unnest($1::text[]) name order by 1) keys`,
    [[...names]],
  );
}

/**
 * Contacts come from the identities that were really inserted, in one statement: whoever loses a race to somebody who
 * took no lock (the contacts API) inserts neither. The foreign key is checked when the statement ends.
 */
async function createContacts(client: SqlClient, known: readonly Known[]): Promise<void> {
  const idByName = new Map<string, string>();
  const contacts = new Map<string, { id: string; tenant_id: string; name: string | null; phone: string | null }>();
  const identities: { tenant_id: string; value: string; contact_id: string }[] = [];
  for (const { event, contactId, newIdentities } of known) {
    if (contactId !== null) continue;
    const key = (value: string) => `${event.tenantId} ${value}`;
    const id = newIdentities.map((value) => idByName.get(key(value))).find((one) => one !== undefined) ?? randomUUID();
    if (!contacts.has(id))
      contacts.set(id, { id, tenant_id: event.tenantId, name: event.profileName, phone: toPhone(event.phone) });
    for (const value of newIdentities) {
      if (idByName.has(key(value))) continue;
      idByName.set(key(value), id);
      identities.push({ tenant_id: event.tenantId, value, contact_id: id });
    }
  }
  if (identities.length === 0) return;
  await client.query({
    name: 'ingest-contacts',
    text: `
      with named as (
        insert into contact_identity (tenant_id, value, contact_id)
        select * from jsonb_to_recordset($1::jsonb) as i(tenant_id uuid, value text, contact_id uuid) order by 1, 2
        on conflict do nothing returning contact_id)
      insert into contact (id, tenant_id, name, phone)
      select * from jsonb_to_recordset($2::jsonb) as p(id uuid, tenant_id uuid, name text, phone text)
       where p.id in (select contact_id from named)`,
    values: [toStorableJson(identities), toStorableJson([...contacts.values()])],
  });
}

/**
 * A person known by one identity who now shows another, such as a phone number and a business-scoped id.
 *
 * @returns how many showed a number, which is noted for whoever may write it into the contact
 */
async function learnIdentities(client: SqlClient, known: readonly Known[]): Promise<number> {
  const learned = known.flatMap(({ event, contactId, newIdentities }) =>
    contactId === null
      ? []
      : newIdentities.map((value) => ({ tenant_id: event.tenantId, value, contact_id: contactId })),
  );
  if (learned.length === 0) return 0;
  await client.query(
    `insert into contact_identity (tenant_id, value, contact_id)
     select * from jsonb_to_recordset($1::jsonb) as i(tenant_id uuid, value text, contact_id uuid) order by 1, 2
     on conflict do nothing`,
    [toStorableJson(learned)],
  );
  const numbered = known.filter(
    ({ event, contactId, newIdentities }) =>
      contactId !== null && toPhone(event.phone) !== null && newIdentities.some((value) => value.startsWith('tel:')),
  );
  return note(client, numbered);
}

async function createConversations(client: SqlClient, known: readonly Known[]): Promise<void> {
  const rows = known.flatMap(({ event, contactId, conversationId }) =>
    contactId === null || conversationId !== null
      ? []
      : [
          {
            id: randomUUID(),
            tenant_id: event.tenantId,
            bot_id: event.botId,
            connection_id: event.connectionId,
            contact_id: contactId,
            address: event.address,
            phone: event.phone,
          },
        ],
  );
  await client.query({
    name: 'ingest-conversations',
    text: `
      insert into conversation (id, tenant_id, bot_id, connection_id, contact_id, address, phone)
      select * from jsonb_to_recordset($1::jsonb) as c(id uuid, tenant_id uuid, bot_id uuid, connection_id uuid,
        contact_id uuid, address text, phone text) order by bot_id, contact_id
      on conflict (bot_id, contact_id) do nothing`,
    values: [toStorableJson(rows)],
  });
}

/** The contact's own column is strict; the conversation keeps what the provider said. */
function toPhone(phone: string | null): string | null {
  return phone !== null && /^\+[1-9][0-9]{1,14}$/.test(phone) ? phone : null;
}
