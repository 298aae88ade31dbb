/** What a session waits for. Times are milliseconds since 1970. */
export type Wait =
  | {
      readonly kind: 'answer' | 'time' | 'event' | 'human';
      readonly sinceMs: number;
      readonly deadlineMs: number | null;
      /** Reminders said so far. */
      readonly reminded: number;
      /** When the next one is due. */
      readonly remindMs: number | null;
      /** Page of a long list of options, from 0. */
      readonly page?: number;
    }
  | { readonly kind: 'effect'; readonly effectId: string; readonly deadlineMs: number };
export type RestWait = Exclude<Wait, { kind: 'effect' }>;

/** A flow that was called and has not ended; the last of the stack is the one that runs. */
export type Frame = {
  readonly flow: string;
  /** sha256 of the version it began on (INV-9). */
  readonly ver: string;
  readonly step: string;
  /** Wrong answers to the pending question. */
  readonly tries: number;
  /** A called flow's own variables; the first flow's are the session's. */
  readonly vars?: Readonly<Record<string, unknown>>;
};

/** Position of a conversation in a flow. Plain JSON, at most 64 KiB, made and read by `turn` only. */
export type SessionState = {
  readonly sess: string;
  /** sha256 of the flow version it is pinned to (INV-9). */
  readonly ver: string;
  /** ended: only `vars` and `lang` matter, as what the next session starts with. */
  readonly mode: 'bot' | 'human' | 'ended';
  /** Empty once it has failed and waits for a person. */
  readonly stack: readonly Frame[];
  readonly vars: Readonly<Record<string, unknown>>;
  readonly wait: Wait | null;
  readonly n: { readonly turns: number; readonly steps: number };
  readonly startedMs: number;
  readonly lang: string;
  /** The customer's last message. */
  readonly msg?: Readonly<Record<string, string>>;
  /** Why the last action or api step failed. */
  readonly error?: { readonly code: string; readonly message: string };
};

/** While true, `turn` takes only results and timers; messages and events stay in the inbox. */
export function isAwaitingEffect(state: SessionState | null): boolean {
  return state?.wait?.kind === 'effect';
}

/** A session is under way, so its version is pinned; otherwise the next message starts one on the active version. */
export function isRunning(state: SessionState | null): state is SessionState {
  return state !== null && state.mode !== 'ended';
}

/** sha256 of every version the session stands in: what `flow` and `subflows` of its next turn must hold. */
export function versionsInUse(state: SessionState | null): readonly string[] {
  return isRunning(state) ? [...new Set([state.ver, ...state.stack.map(({ ver }) => ver)])] : [];
}

/** Where a running session stands, without anything that was said. */
export type Position = {
  readonly flow: string;
  readonly step: string;
  readonly waitsFor: Wait['kind'] | null;
  /** When it began to wait, in milliseconds since 1970. */
  readonly sinceMs: number | null;
};

/** Null: no session runs, or it has failed and stands nowhere. */
export function positionOf(state: SessionState | null): Position | null {
  const frame = isRunning(state) ? state.stack?.at(-1) : undefined;
  if (!frame) return null;
  const wait = state?.wait ?? null;
  const sinceMs = wait && 'sinceMs' in wait ? wait.sinceMs : null;
  return { flow: frame.flow, step: frame.step, waitsFor: wait?.kind ?? null, sinceMs };
}
