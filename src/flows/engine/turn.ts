import { REST, type Outcome } from './run/outcome.js';
import { onEvent } from './run/events.js';
import { FlowFault } from './fault.js';
import { expire, fail } from './run/session-ends.js';
import { execute } from './run/steps.js';
import { wakeAt } from './run/timers.js';
import type { DraftFrame } from './run/session-draft.js';
import { TurnRun } from './run/turn-run.js';
import { MAX_STATE_BYTES } from './limits.js';
import type { SessionState } from './session-state.js';
import type { TurnEvent, TurnInput, TurnResult } from './turn-types.js';

/**
 * What a flow does about what happened. Pure: the same input gives the same result, down to the ids of its effects, so
 * a turn whose commit failed is simply run again (INV-4). Never throws for what a customer, a flow or an action's
 * answer holds: a flow that cannot go on apologises and calls a person. Work is counted, which is part of the same result;
 * the clock below that is not.
 *
 * The caller carries out the effects, keeps the state, comes back with a `timer` event at `wakeAtMs`, and with the
 * `unread` events in a later turn.
 *
 * @throws TurnTimeError more than 250 ms of processor time, whatever was counted: the try failed, nothing was decided
 */
export function turn(input: TurnInput): TurnResult {
  const run = new TurnRun(input);
  const unread = [...input.events];
  while (run.outcome === undefined) {
    const index = nextEvent(run, unread);
    const event = unread[index];
    if (!event || expire(run)) break;
    unread.splice(index, 1);
    handle(run, event);
  }
  if (isTooLarge(run.session)) {
    if (run.session?.mode === 'ended') run.session = null;
    else fail(run, new FlowFault('state_too_large', `the session holds more than ${MAX_STATE_BYTES} bytes`, true));
  }
  return {
    state: run.session,
    mode: run.session?.mode === 'human' ? 'human' : 'bot',
    effects: run.effects,
    wakeAtMs: wakeAt(run.session?.wait ?? null),
    trace: run.trace,
    ...(run.outcome === undefined ? {} : { outcome: run.outcome }),
    ...(run.fault === undefined ? {} : { fault: run.fault }),
    unread,
  };
}

/** Position of the event to take now. Behind an effect only its result may pass; messages to a person are theirs. */
function nextEvent({ session }: TurnRun, events: readonly TurnEvent[]): number {
  if (session?.wait?.kind === 'effect') return events.findIndex(({ kind }) => kind === 'result' || kind === 'timer');
  if (session?.mode === 'human') return events.findIndex(({ kind }) => kind !== 'message');
  return events.length === 0 ? -1 : 0;
}

function handle(run: TurnRun, event: TurnEvent): void {
  run.begin(event);
  let work = () => onEvent(run, event);
  for (;;) {
    try {
      advance(run, work());
      return;
    } catch (error) {
      if (!(error instanceof FlowFault)) throw error;
      if (error.isFinal) {
        fail(run, error);
        return;
      }
      work = () => ({ go: returnToCaller(run, error) });
    }
  }
}

/** Does steps until the session rests. @throws FlowFault */
function advance(run: TurnRun, first: Outcome | null): void {
  let outcome = first;
  while (outcome !== null && outcome !== REST) {
    if (outcome.go === undefined) throw new FlowFault('no_way_out', 'the step leads nowhere');
    outcome = execute(run, run.enter(outcome.go));
  }
}

/** A called flow's failure is its caller's `on.error`. @throws FlowFault no caller takes it, so it is final */
function returnToCaller(run: TurnRun, { code, message, cause }: FlowFault): string {
  const { stack } = run.running;
  const errorWay = (frame: DraftFrame) => {
    const step = run.flowOf(frame).steps.get(frame.step);
    return step?.type === 'subflow' ? step.on?.['error'] : undefined;
  };
  const depth = stack.slice(0, -1).findLastIndex((frame) => errorWay(frame) !== undefined);
  const caller = stack[depth];
  const go = caller && errorWay(caller);
  if (go === undefined) throw new FlowFault(code, message, true, cause);
  run.note('fault', `${code}, caught`);
  stack.length = depth + 1;
  run.running.error = { code, message: message.slice(0, 500) };
  run.forgetContext();
  return go;
}

function isTooLarge(state: SessionState | null): boolean {
  return state !== null && Buffer.byteLength(JSON.stringify(state)) > MAX_STATE_BYTES;
}
