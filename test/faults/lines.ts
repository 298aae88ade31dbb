import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { SecretBox } from '../../src/platform/crypto/secret-box.js';
import type { ProviderName } from '../../src/providers/whatsapp-provider.js';
import { DOUBLE_ACCOUNT_SID, DOUBLE_AUTH_TOKEN } from '../support/twilio-double-webhook.js';
import { SECOND_LINE, type Cell, type PlannedTalk } from './plan.js';

export type Line = { readonly id: string; readonly provider: ProviderName; readonly externalId: string };
export type Bot = { readonly cell: Cell; readonly id: string; readonly first: Line; readonly second: Line };

export type Addresses = {
  /** Where the Evolution server is; by the line, because some of them cannot be reached for a while. */
  readonly evolutionOf: (cell: Cell, place: 'first' | 'second') => string;
  readonly evolutionKey: string;
  readonly webhookSecret: string;
};

/** A bot per cell with its two lines, and its customers, who wrote just now. */
export async function openBots(
  db: Pool,
  tenantId: string,
  box: SecretBox,
  cells: readonly Cell[],
  at: Addresses,
): Promise<Bot[]> {
  const bots = cells.map((cell, index) => {
    const line = (provider: ProviderName, place: string): Line => ({
      id: randomUUID(),
      provider,
      externalId: `${place}${index}`,
    });
    return { cell, id: randomUUID(), first: line(cell.provider, 'f'), second: line(SECOND_LINE[cell.provider], 's') };
  });
  await db.query(
    `insert into bot (id, tenant_id, name) select (b->>'id')::uuid, $1, 'Bot' from jsonb_array_elements($2) b`,
    [tenantId, JSON.stringify(bots.map(({ id }) => ({ id })))],
  );
  const rows = bots.flatMap(({ cell, id, first, second }, index) =>
    [first, second].map((line, position) => {
      const number = `+1415${String(index).padStart(7, '0')}`;
      const { keyId, sealed } = box.seal(
        JSON.stringify(credentialsOf(line, number, at.evolutionOf(cell, position === 0 ? 'first' : 'second'), at)),
      );
      const { id: lineId, provider } = line;
      const externalId = provider === 'official' ? line.externalId : null;
      return { lineId, id, provider, position, externalId, number, keyId, sealed: sealed.toString('base64') };
    }),
  );
  await db.query(
    `insert into connection (id, tenant_id, bot_id, provider, name, position, external_id, credentials,
       credentials_key_id, number)
     select (l->>'lineId')::uuid, $1, (l->>'id')::uuid, l->>'provider', 'Ventas', (l->>'position')::int,
       l->>'externalId', decode(l->>'sealed', 'base64'), l->>'keyId', l->>'number'
     from jsonb_array_elements($2) l`,
    [tenantId, JSON.stringify(rows)],
  );
  await db.query(
    `insert into linked_session (connection_id, tenant_id, state)
     select id, tenant_id, 'connecting' from connection where tenant_id = $1 and provider = 'baileys'`,
    [tenantId],
  );
  const customers = bots.flatMap((bot) =>
    bot.cell.talks.map(({ phone }) => ({ phone, contact: randomUUID(), bot: bot.id, line: bot.first.id })),
  );
  await db.query(
    `with customer as (
       select c->>'phone' as phone, (c->>'contact')::uuid as contact, (c->>'bot')::uuid as bot, (c->>'line')::uuid as line
       from jsonb_array_elements($2) c
     ), contacts as (
       insert into contact (id, tenant_id, phone) select contact, $1, phone from customer
     ), identities as (
       insert into contact_identity (tenant_id, value, contact_id)
       select $1, 'tel:' || substr(phone, 2), contact from customer
     )
     insert into conversation (id, tenant_id, bot_id, connection_id, contact_id, address, phone, last_in_at)
     select contact, $1, bot, line, contact, substr(phone, 2), phone, now() from customer`,
    [tenantId, JSON.stringify(customers)],
  );
  return bots;
}

function credentialsOf({ provider, externalId }: Line, number: string, baseUrl: string, at: Addresses): object {
  switch (provider) {
    case 'official': {
      const secrets = { accessToken: 'test-access-token', appSecret: 'test-app-secret', verifyToken: 'v' };
      return { phoneNumberId: externalId, ...secrets };
    }
    case 'twilio':
      return { accountSid: DOUBLE_ACCOUNT_SID, authToken: DOUBLE_AUTH_TOKEN, from: number };
    case 'evolution':
      return { baseUrl, apiKey: at.evolutionKey, instanceName: externalId, webhookSecret: at.webhookSecret };
    default:
      return {};
  }
}

export type Queued = { readonly talk: PlannedTalk; readonly index: number };

/** Puts messages in the outbox as turns would, in the order given. */
export async function queue(db: Pool, due: readonly Queued[]): Promise<void> {
  if (due.length === 0) return;
  const rows = due.map(({ talk, index }) => {
    const message = talk.messages[index];
    return { phone: talk.phone, turn: index + 1, text: message?.text, resend: message?.resend };
  });
  await db.query(
    `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, lane, body, resend_policy,
       triggered_at)
     select v.tenant_id, v.id, v.connection_id, (m->>'turn')::int, 1, 'send', 0,
       jsonb_build_object('kind', 'text', 'text', m->>'text'), m->>'resend', now()
     from jsonb_array_elements($1) with ordinality as e(m, n) join conversation v on v.phone = m->>'phone' order by n`,
    [JSON.stringify(rows)],
  );
}

export type FinalRow = {
  readonly text: string;
  readonly status: string;
  readonly delivery: string | null;
  readonly connectionId: string;
  readonly attempt: number;
  readonly error: { readonly code: string; readonly class: string; readonly reason: string } | null;
};

export async function finalRows(db: Pool): Promise<FinalRow[]> {
  const { rows } = await db.query<FinalRow>(
    `select body->>'text' as text, status, delivery, connection_id as "connectionId", attempt, error
     from outbox where kind = 'send' order by id`,
  );
  return rows;
}
