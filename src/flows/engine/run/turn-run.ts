import type { OutboundContent, ResendPolicy } from '../../../messages/message-content.js';
import type { Step } from '../document/step-types.js';
import { MAX_MESSAGES_PER_EVENT, MAX_STEPS_PER_EVENT, MAX_VISITS_PER_EVENT } from '../limits.js';
import type { Wait } from '../session-state.js';
import type { Effect, Fault, TurnEvent } from '../turn-types.js';
import { FlowFault } from '../fault.js';
import { idOf } from './ids.js';
import { TurnScope } from './turn-scope.js';

/** A turn under way: what it decided so far, and what it may still spend. */
export class TurnRun extends TurnScope {
  effects: Effect[] = [];
  outcome: string | undefined;
  fault: Fault | undefined;
  private spent = { steps: 0, messages: 0, visits: new Map<string, number>() };
  private emitted = 0;

  /** Budgets are per event: five messages read at once are five turns' worth of work, not a loop. */
  begin(event: TurnEvent): void {
    this.startEvent(event.kind === 'event' ? event.data : undefined);
    this.spent = { steps: 0, messages: 0, visits: new Map() };
  }

  /** Moves to a step of the running flow and counts the visit. @throws FlowFault a budget is spent */
  enter(id: string): Step {
    const { frame, running, spent } = this;
    frame.step = id;
    frame.tries = 0;
    running.wait = null;
    running.n.steps += 1;
    spent.steps += 1;
    const visits = (spent.visits.get(`${frame.flow} ${id}`) ?? 0) + 1;
    spent.visits.set(`${frame.flow} ${id}`, visits);
    const allowed = this.flow.document.limits?.steps_per_turn ?? MAX_STEPS_PER_EVENT;
    if (spent.steps > allowed) throw new FlowFault('budget_steps', 'too many steps at once', true);
    if (visits > MAX_VISITS_PER_EVENT) throw new FlowFault('budget_visits', `step ${id} came round too often`, true);
    this.note('step');
    return this.step;
  }

  rest(wait: Wait): void {
    this.running.wait = wait;
  }

  /** @throws FlowFault a budget is spent */
  send(content: OutboundContent, resend: ResendPolicy = 'auto'): void {
    this.spent.messages += 1;
    const allowed = this.flow.document.limits?.messages_per_turn ?? MAX_MESSAGES_PER_EVENT;
    if (this.spent.messages > allowed) throw new FlowFault('budget_messages', 'too many messages at once', true);
    this.effects.push({ kind: 'send', key: this.nextKey(), content, resend });
  }

  /** The same for the same session, turn, step and position: a repeated turn makes identical effects. */
  nextKey(): string {
    const { sess, stack } = this.running;
    this.emitted += 1;
    return idOf(sess, this.input.turn, stack.at(-1)?.step ?? '', this.emitted);
  }
}
