import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { ActionRegistry } from '../../flows/action-registry.service.js';
import { ActionError } from '../../flows/flow.errors.js';
import { Clock } from '../../platform/clock.js';
import { inSavepoint } from '../../platform/database/after-commit.js';
import { isDatabaseDown } from '../../platform/database/connection-errors.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { toStorableJson } from '../../messages/storable.js';
import { OWN_ENTRY, ownEntry } from '../inbox/append-inbox.js';
import type { EffectError, EffectResult } from '../turns/turn-engine.js';

const MAX_TRIES = 3;
const RETRY_BASE_MS = 500;

type Effect = {
  readonly id: string;
  readonly kind: 'action' | 'api';
  readonly key: string;
  readonly body: unknown;
  readonly attempt: number;
  readonly conversationId: string;
  readonly botId: string;
  readonly contactId: string;
  readonly connectionId: string;
  readonly triggeredAt: Date | null;
};
type Answer = { ok: true; output: unknown } | { ok: false; error: EffectError };

const bodySchema = z.looseObject({
  action: z.string().optional(),
  input: z.unknown(),
  lang: z.string().default('es'),
  /** A moment, in milliseconds since 1970: after it the flow has gone on. */
  deadlineMs: z.number().optional(),
});

/**
 * Runs one effect: the action's writes, the outbox row's end and the inbox row with the result commit together or not
 * at all, under a lock on the outbox row. A crash rolls all of it back and the effect is pending again: exactly once.
 */
@Injectable()
export class EffectRunner {
  private readonly logger = new Logger('Effects');

  constructor(
    private readonly tenants: TenantDatabase,
    private readonly actions: ActionRegistry,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns whether a result was recorded; false when somebody else has the effect, or it is tried again later
   * @throws only when Postgres is down
   */
  async run(tenantId: TenantId, outboxId: string): Promise<boolean> {
    try {
      return await this.tenants.transaction(tenantId, async (tx) => {
        const effect = await claim(tx, tenantId, outboxId);
        if (!effect) return false;
        await record(tx, tenantId, effect, await this.answer(tx, tenantId, effect));
        return true;
      });
    } catch (error) {
      if (isDatabaseDown(error)) throw error;
      this.logger.error(error, `Effect ${outboxId} failed`);
      return this.tryLater(tenantId, outboxId, error instanceof Error ? error.message : String(error));
    }
  }

  private async answer(tx: EntityManager, tenantId: TenantId, effect: Effect): Promise<Answer> {
    // Stored API connections come with the api step's own executor; until then there is none to call.
    if (effect.kind === 'api') return refuse('unknown_connection', 'No API connection of that name is stored');
    const body = bodySchema.parse(effect.body);
    const now = this.clock.now();
    if (body.deadlineMs !== undefined && now.getTime() > body.deadlineMs)
      return refuse('timeout', 'The action did not run before its deadline');
    const action = this.actions.find(body.action ?? '');
    if (!action) return refuse('unknown_action', `There is no action ${body.action ?? ''}`);
    const input = action.input.safeParse(body.input);
    if (!input.success) return refuse('invalid_input', z.prettifyError(input.error));
    const lang = body.lang.startsWith('pt') ? 'pt' : body.lang.startsWith('en') ? 'en' : 'es';
    const { conversationId, botId, contactId, key: effectKey } = effect;
    const context = { tenantId, botId, conversationId, contactId, effectKey, lang, now } as const;
    try {
      return await inSavepoint(tx, async () => ({
        ok: true,
        output: action.output.parse(await action.run(tx, context, input.data)),
      }));
    } catch (error) {
      if (!(error instanceof ActionError)) throw error;
      return refuse(error.code, error.message, error.details);
    }
  }

  /** With a growing pause; after the last try the flow is told `error`. */
  private tryLater(tenantId: TenantId, outboxId: string, reason: string): Promise<boolean> {
    return this.tenants.transaction(tenantId, async (tx) => {
      const effect = await claim(tx, tenantId, outboxId);
      if (!effect) return false;
      if (effect.attempt + 1 >= MAX_TRIES) {
        await record(tx, tenantId, effect, refuse('error', 'The action failed'), reason);
        return true;
      }
      await tx.query(
        `update outbox set attempt = attempt + 1, next_at = now() + $3 * interval '1 millisecond',
                error = jsonb_build_object('code', 'error', 'reason', $4::text)
          where tenant_id = $1 and id = $2`,
        [tenantId, outboxId, RETRY_BASE_MS * 2 ** effect.attempt, reason.slice(0, 500)],
      );
      return false;
    });
  }
}

function refuse(code: string, message: string, details: Readonly<Record<string, unknown>> = {}): Answer {
  return { ok: false, error: { code, message, details } };
}

/** Null when it is done, not due, or in another process's hands. */
async function claim(tx: EntityManager, tenantId: TenantId, outboxId: string): Promise<Effect | null> {
  const rows: Effect[] = await tx.query(
    `select o.id::text, o.kind, o.effect_key as key, o.body, o.attempt, o.conversation_id as "conversationId",
            o.connection_id as "connectionId", o.triggered_at as "triggeredAt",
            c.bot_id as "botId", c.contact_id as "contactId"
       from outbox o join conversation c on c.id = o.conversation_id
      where o.tenant_id = $1 and o.id = $2 and o.status = 'pending' and o.kind in ('action', 'api')
        for update of o skip locked`,
    [tenantId, outboxId],
  );
  return rows[0] ?? null;
}

/** Last in the transaction, because it takes the conversation's row, which ingest and turns want too. */
async function record(
  tx: EntityManager,
  tenantId: TenantId,
  effect: Effect,
  answer: Answer,
  failure: string | null = null,
): Promise<void> {
  const result: EffectResult = { effectId: effect.key, ...answer };
  const { conversationId, connectionId } = effect;
  const body = { ...result, triggeredAt: effect.triggeredAt };
  await tx.query(
    `with o as (
       update outbox set status = case when $8 then 'sent' else 'failed' end, attempt = attempt + 1, sent_at = now(),
              error = case when $8 then null else $9::jsonb end
        where tenant_id = $1 and id = $7
     )
     select id from append_inbox(array[${OWN_ENTRY}])`,
    [
      ...ownEntry(tenantId, { conversationId, connectionId, kind: 'effect_result', dedupeKey: effect.key, body }),
      effect.id,
      answer.ok,
      toStorableJson(answer.ok ? null : { ...answer.error, reason: failure?.slice(0, 500) }),
    ],
  );
}
