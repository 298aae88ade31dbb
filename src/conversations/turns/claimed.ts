import type { Handoff } from '../handover/handoff.js';

/** A conversation whose row this worker has locked, and its bot's settings. */
export type Claimed = {
  readonly id: string;
  readonly tenantId: string;
  readonly botId: string;
  readonly connectionId: string;
  readonly contactId: string;
  readonly phone: string | null;
  readonly profileName: string | null;
  readonly mode: 'bot' | 'human';
  readonly state: unknown;
  /** The version the running session is pinned to (INV-9); null between sessions. */
  readonly versionId: string | null;
  readonly turn: number;
  readonly fails: number;
  /** The instant of this claim: Postgres's clock, or ours when it is ahead. Timers are set and due by the same one. */
  readonly now: Date;
  /** Why a person has to look before the flow goes on; null when it may. */
  readonly parkedReason: string | null;
  readonly bot: {
    readonly isActive: boolean;
    readonly activeVersionId: string | null;
    readonly locale: string;
    readonly timeZone: string;
    readonly latePolicy: 'answer_if_last' | 'hand_over';
  };
};

export type UnreadKind = 'msg' | 'event' | 'effect_result' | 'operator' | 'notice';

export type UnreadRow = {
  /** bigint as text. */
  readonly id: string;
  readonly conversationId: string;
  readonly kind: UnreadKind;
  readonly dedupeKey: string;
  readonly body: unknown;
  readonly receivedAt: Date;
  readonly isLate: boolean;
  /** When the customer wrote, by the provider's clock; null for what no customer said. */
  readonly providerAt: Date | null;
  /** Whether the customer or a person has said something since; known of late ones only. */
  readonly isSuperseded: boolean;
  /** Whether the customer was told since that a person takes over; known of late ones only. */
  readonly isTold: boolean;
};

export type OutboxRow = {
  tenant_id: string;
  conversation_id: string;
  connection_id: string;
  turn: number;
  idx: number;
  kind: 'send' | 'action' | 'api';
  lane: number;
  /** Of an action the id its result answers to; of a send past the flow whose words it carries; else null. */
  effect_key: string | null;
  body: unknown;
  resend_policy: 'auto' | 'never';
  triggered_at: Date | null;
};

/** As `log_event` stores it; analytics/event-log.service.ts gives the kinds and their bodies. */
export type LogRow = { tenant_id: string; bot_id: string; kind: string; at: Date; body: Record<string, unknown> };

/** What becomes of the conversation's row. */
export type ConversationPatch = {
  id: string;
  state: unknown;
  mode: 'bot' | 'human';
  version_id: string | null;
  turn: number;
  fails: number;
  /** Whether a person had it and the flow went on. */
  is_taken_back: boolean;
  /** Why it goes to a person now; null when it does not. Who has it already keeps it, unless `is_called`. */
  handoff: Handoff | null;
  is_called: boolean;
  /** Why a person has to look first, from now on. */
  parked_reason: string | null;
  /** When the next turn is due; null for never. Never null while rows are unread. */
  ready_at: Date | null;
};

/** Everything the turns of one conversation decided; committed together or not at all (INV-4). */
export type Decision = {
  readonly outbox: readonly OutboxRow[];
  readonly done: readonly UnreadRow[];
  readonly log: readonly LogRow[];
  readonly patch: ConversationPatch;
  readonly turns: number;
  readonly failure: Error | null;
  /** Why flows gave up; their customers were told and a person called. */
  readonly faults: readonly string[];
};

export type BatchResult = {
  /** Conversations taken. */
  readonly claimed: number;
  readonly turns: number;
  readonly failures: number;
  readonly hasSends: boolean;
  readonly hasEffects: boolean;
};
