import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import type { RefusalRule } from '../../providers/whatsapp-provider.js';

/** An outbox row of kind `send` that this process has leased; the attempt is recorded before it leaves (INV-5). */
export type ClaimedSend = {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly conversationId: string;
  readonly connectionId: string;
  /** 0 reply, 1 transactional, 2 campaign. */
  readonly lane: number;
  /** `OutboundContent`, not yet checked. */
  readonly body: unknown;
  /** Counts from 1; this attempt included. */
  readonly attempt: number;
  /** The customer's address at the provider; empty when the conversation is gone. */
  readonly address: string;
  readonly phone: string | null;
  /** Since it was queued. */
  readonly ageMs: number;
  /** The connection the customer last wrote by; null when the conversation is gone. */
  readonly lastInboundOn: string | null;
  /** How long ago; null when they never wrote. */
  readonly lastInboundAgoMs: number | null;
  /** Other connections they wrote by, and when: ISO times by connection id. */
  readonly inboundElsewhere: Readonly<Record<string, string>> | null;
  /** Why it did not leave the last time. */
  readonly lastError: string | null;
};

/** SQL select list of a `ClaimedSend`: `c` is the outbox row, `v` its conversation, where there is one. */
export const CLAIMED_SEND = `c.id::text as "id", c.tenant_id as "tenantId", c.conversation_id as "conversationId",
    c.connection_id as "connectionId", c.lane, c.body, c.attempt, coalesce(v.address, '') as "address", v.phone,
    extract(epoch from now() - c.created_at)::float8 * 1000 as "ageMs", v.connection_id as "lastInboundOn",
    extract(epoch from now() - v.last_in_at)::float8 * 1000 as "lastInboundAgoMs", v.heard_before as "inboundElsewhere",
    c.error->>'code' as "lastError"`;

/** Why a message was not sent, or not yet. `code` is ours where we have a word for it, else the provider's. */
export type SendError = {
  readonly code: string;
  readonly class: string;
  readonly reason: string;
  /** What the provider's table of errors says besides the class, of a failure after acceptance. Told to nobody. */
  readonly rule?: RefusalRule;
};
