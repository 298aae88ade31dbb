import type { InboundContent, OutboundContent, ResendPolicy } from '../../messages/message-content.js';
import type { CompiledFlow } from './compile.js';
import type { SessionState } from './session-state.js';

/** What happened. A turn takes one or several, in order. */
export type TurnEvent =
  | { readonly kind: 'message'; readonly id: string; readonly content: InboundContent }
  | { readonly kind: 'result'; readonly effectId: string; readonly ok: true; readonly output: unknown }
  | {
      readonly kind: 'result';
      readonly effectId: string;
      readonly ok: false;
      /** A code of the action, `timeout`, or `error`. */
      readonly error: string;
      readonly message?: string;
      /** HTTP status, for api: an answer of 400 or more is a failure. */
      readonly status?: number;
      readonly output?: unknown;
    }
  /** `wakeAtMs` came. Too early does no harm. */
  | { readonly kind: 'timer' }
  /** A person handed the conversation back. */
  | { readonly kind: 'resume' }
  | { readonly kind: 'event'; readonly name: string; readonly data: Readonly<Record<string, unknown>> };

export type TurnInput = {
  readonly state: SessionState | null;
  readonly events: readonly TurnEvent[];
  /** The version the session is pinned to; the active one when no session runs. */
  readonly flow: CompiledFlow;
  /** Flows that may be called, by key; and by sha256, those the session stands in (`versionsInUse`). */
  readonly subflows?: ReadonlyMap<string, CompiledFlow>;
  /** The one clock of the turn: milliseconds since 1970. */
  readonly nowMs: number;
  readonly conversationId: string;
  /** Number of the turn in the conversation; ids depend on it, so the same turn makes the same ids. */
  readonly turn: number;
  /** Read as `contact` in expressions: id, name, phone, lang, email and whatever else; null counts as ''. */
  readonly contact: Readonly<Record<string, unknown>>;
  /** The tenant's, as an IANA name; a flow's own `time_zone` wins. UTC unless said. */
  readonly timeZone?: string;
  /** Processor time of this thread, in milliseconds; the process's own unless said. */
  readonly cpuMs?: () => number;
};

/** What is to be done, as data. `key` is a UUID, the same whenever the turn is repeated. */
export type Effect =
  | { readonly kind: 'send'; readonly key: string; readonly content: OutboundContent; readonly resend: ResendPolicy }
  | {
      readonly kind: 'action';
      readonly key: string;
      readonly action: string;
      readonly input: Readonly<Record<string, unknown>>;
      /** After this moment the flow has gone on as if it had timed out: do not run it any more. */
      readonly deadlineMs: number;
    }
  | {
      readonly kind: 'api';
      readonly key: string;
      readonly connection: string;
      readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
      /** Path and query, percent-encoded. */
      readonly path: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: unknown;
      /** Of one attempt. */
      readonly timeoutMs: number;
      readonly retry?: { readonly max: number; readonly backoffMs: number };
      /** Of all attempts together; after it the flow has gone on. */
      readonly deadlineMs: number;
    }
  | { readonly kind: 'handoff'; readonly key: string; readonly team: string | null; readonly note: string | null };

/** One line of what the engine did, for the simulator and for support. Holds no words of the customer. */
export type TraceEntry = {
  readonly kind: 'start' | 'step' | 'answer' | 'jump' | 'effect' | 'result' | 'timer' | 'ignored' | 'end' | 'fault';
  readonly flow: string;
  readonly step: string | null;
  readonly detail?: string;
};

/** Why the engine gave up and called a person. */
export type Fault = {
  readonly code: string;
  readonly flow: string;
  readonly step: string | null;
  readonly message: string;
};

export type TurnResult = {
  readonly state: SessionState | null;
  readonly mode: 'bot' | 'human';
  readonly effects: readonly Effect[];
  /** When to come back with a `timer` event; null: only when something happens. */
  readonly wakeAtMs: number | null;
  readonly trace: readonly TraceEntry[];
  /** Set when a session ended in this turn: the end's outcome, or `ended`, `resolved`, `expired`, `fault`. */
  readonly outcome?: string;
  readonly fault?: Fault;
  /**
   * Events left for a later turn, the very objects that came in: what stands behind one that started an effect, ended
   * the session, or called a person; and all of them when the session had expired, so that the next begins on the
   * version that is active then.
   */
  readonly unread: readonly TurnEvent[];
};
