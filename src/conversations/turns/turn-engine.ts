import type { InboundContent, OutboundContent, ResendPolicy } from '../../messages/message-content.js';

/** What a turn can be about. */
export type EngineEvent =
  | { readonly kind: 'message'; readonly id: string; readonly content: InboundContent }
  | { readonly kind: 'event'; readonly name: string; readonly data: Readonly<Record<string, unknown>> }
  | { readonly kind: 'effect_result'; readonly result: EffectResult }
  /** A person handed the conversation back. */
  | { readonly kind: 'resume' }
  | { readonly kind: 'timer' };

/** The answer to an effect that ran outside the turn: body of an inbox row `effect_result`. */
export type EffectResult = { readonly effectId: string } & (
  { readonly ok: true; readonly output: unknown } | { readonly ok: false; readonly error: EffectError }
);

export type EffectError = {
  /** The flow goes on at `on.<code>`. */
  readonly code: string;
  readonly message: string;
  /** HTTP status; only of an api effect that was answered. */
  readonly status?: number;
  /** What the flow may tell the customer, such as how many units are left. */
  readonly details: Readonly<Record<string, unknown>>;
};

/** What a turn wants done; it becomes outbox rows in the turn's own transaction. */
export type EngineEffect =
  | { readonly kind: 'send'; readonly content: OutboundContent; readonly resend: ResendPolicy }
  | { readonly kind: 'action' | 'api'; readonly key: string; readonly body: Readonly<Record<string, unknown>> };

export type EngineInput<Flow> = {
  readonly flow: Flow;
  /** As the turn before returned it; null before the first. */
  readonly state: unknown;
  readonly event: EngineEvent;
  readonly nowMs: number;
  readonly conversationId: string;
  /** Number of this turn in its conversation; with the conversation's id it makes every key of the turn. */
  readonly turn: number;
  /** What the path knows of the customer; `lang` is the bot's until the session learns better. */
  readonly contact: {
    readonly id: string;
    readonly name: string | null;
    readonly phone: string | null;
    readonly lang: string;
  };
  /** IANA name. */
  readonly timeZone: string;
};

export type EngineOutput = {
  readonly state: unknown;
  /** Whether a session goes on after this turn; its version is then pinned. */
  readonly isRunning: boolean;
  readonly mode: 'bot' | 'human';
  /** Whom the flow called in this turn and what it tells them; null when it called nobody. */
  readonly handoff: { readonly team: string | null; readonly note: string | null } | null;
  readonly effects: readonly EngineEffect[];
  /** When a turn is due though nothing arrives; null for never. */
  readonly wakeAtMs: number | null;
  /** How a session ended in this turn; null when none did. */
  readonly outcome: string | null;
  /** Why the flow gave up and called a person; holds no words of the customer. */
  readonly fault: string | null;
  /** The event ended what was and belongs to the next turn, such as a message that finds its session expired. */
  readonly isUnread: boolean;
};

/** The flow engine as the turn loop sees it: pure but for loading a version once. */
export abstract class TurnEngine<Flow = unknown> {
  /** @throws the version is gone or cannot be compiled */
  abstract load(versionId: string): Promise<Flow>;
  /** @throws a bug in the engine or a state it cannot read: the conversation is then parked, not the loop */
  abstract run(input: EngineInput<Flow>): EngineOutput;
  /** Whether the session waits for an effect's result and takes no messages until it comes. */
  abstract isAwaitingEffect(state: unknown): boolean;
  /** Whether the flow itself gave the conversation to a person, so that its own timers still count. */
  abstract isHandedOver(state: unknown): boolean;
}
