import type { OutboundContent } from '../../messages/message-content.js';
import { splitToFit } from '../../messages/split-text.js';
import type { SqlClient } from '../../platform/database/path-pool.js';
import { FITS_EVERY_CONNECTION, textLimitOf } from '../../providers/text-limits.js';
import type { Decision, OutboxRow } from './claimed.js';

/**
 * Takes long texts apart before they are in the outbox, where a row is one send: every connection of the bot, whichever
 * sends it in the end, then takes every part whole, and the parts keep their order like any other messages. Turns
 * without a long text, nearly all, cost no query.
 */
export async function fitToConnections(
  client: SqlClient,
  decisions: readonly Decision[],
): Promise<readonly Decision[]> {
  const long = decisions.flatMap(({ outbox }) => outbox.filter(isLong));
  if (long.length === 0) return decisions;
  const ids = [...new Set(long.map(({ connection_id: id }) => id))];
  const { rows } = await client.query<{ id: string; provider: string }>(
    `select c.id, other.provider from connection c join connection other on other.bot_id = c.bot_id
      where c.id = any($1::uuid[])`,
    [ids],
  );
  const limits = new Map<string, number>();
  for (const { id, provider } of rows) {
    limits.set(id, Math.min(limits.get(id) ?? Infinity, textLimitOf(provider)));
  }
  return decisions.map((decision) => ({ ...decision, outbox: fit(decision.outbox, limits) }));
}

function isLong({ kind, body }: OutboxRow): boolean {
  if (kind !== 'send') return false;
  const content = body as OutboundContent;
  if (content.kind === 'text') return content.text.length > FITS_EVERY_CONNECTION;
  return content.kind === 'choices' && splitToFit(content, FITS_EVERY_CONNECTION).length > 1;
}

/** The place of a row in its turn tells it from the others, so those behind a split one move up. */
function fit(outbox: readonly OutboxRow[], limits: ReadonlyMap<string, number>): OutboxRow[] {
  const nextIdx = new Map<number, number>();
  return outbox.flatMap((row) => {
    const limit = limits.get(row.connection_id);
    const parts =
      row.kind === 'send' && limit !== undefined ? splitToFit(row.body as OutboundContent, limit) : [row.body];
    return parts.map((body, part) => {
      const idx = Math.max(row.idx, nextIdx.get(row.turn) ?? 0);
      nextIdx.set(row.turn, idx + 1);
      // The first part is the answer whose time counts.
      return { ...row, idx, body, triggered_at: part === 0 ? row.triggered_at : null };
    });
  });
}
