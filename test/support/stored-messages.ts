import type { TestApp } from './app.js';

export type StoredMessage = {
  readonly body: Record<string, unknown>;
  readonly address: string;
  readonly phone: string | null;
};

/** What is stored of an inbound message, with whose conversation it is in. */
export async function storedMessages(app: TestApp, providerMessageId: string): Promise<StoredMessage[]> {
  const { rows } = await app.owner.query<StoredMessage>(
    `select i.body, v.address, v.phone from inbox i join conversation v on v.id = i.conversation_id
      where i.dedupe_key = $1 order by i.seq`,
    [providerMessageId],
  );
  return rows;
}

/** What the shop itself said from elsewhere, as the transcript has it. */
export async function storedEchoes(app: TestApp, providerMessageId: string): Promise<{ body: object }[]> {
  const { rows } = await app.owner.query<{ body: object }>(
    `select body from outbox where provider_message_id = $1 and kind = 'send' and status = 'sent'`,
    [providerMessageId],
  );
  return rows;
}

export type SendRow = { readonly status: string; readonly delivery: string | null; readonly error: object | null };

/** A send on its way, in the conversation of a stored message; answers its id. */
export async function openSend(
  app: TestApp,
  answered: string,
  providerMessageId: string | null = null,
): Promise<string> {
  const { rows } = await app.owner.query<{ id: string }>(
    `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, body, status, attempt,
       lease_until, provider_message_id)
     select v.tenant_id, v.id, v.connection_id, (select count(*) from outbox) + 1, 1, 'send',
       '{"kind":"text","text":"x"}', 'sending', 1, now() + interval '1 hour', $2
     from inbox i join conversation v on v.id = i.conversation_id where i.dedupe_key = $1 returning id::text as id`,
    [answered, providerMessageId],
  );
  const [row] = rows;
  if (!row) throw new Error(`No message ${answered} is stored`);
  return row.id;
}

export async function sendRow(app: TestApp, id: string): Promise<SendRow | undefined> {
  const { rows } = await app.owner.query<SendRow>('select status, delivery, error from outbox where id = $1', [id]);
  return rows[0];
}
