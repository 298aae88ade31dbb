import type { Frame, SessionState } from '../session-state.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A session as a turn changes it. Values of variables are replaced, never changed in place. */
export type DraftFrame = Writable<Omit<Frame, 'vars'>> & { vars?: Record<string, unknown> };
export type DraftSession = Writable<Omit<SessionState, 'stack' | 'vars' | 'n'>> & {
  stack: DraftFrame[];
  vars: Record<string, unknown>;
  n: Writable<SessionState['n']>;
};

export function draftOf(state: SessionState): DraftSession {
  return { ...state, stack: state.stack.map(draftFrame), vars: { ...state.vars }, n: { ...state.n } };
}

function draftFrame({ vars, ...frame }: Frame): DraftFrame {
  return vars ? { ...frame, vars: { ...vars } } : frame;
}
