import type { InboundContent } from '../../../src/messages/message-content.js';
import { type CompiledFlow, compileFlow } from '../../../src/flows/engine/compile.js';
import { flowDocumentSchema } from '../../../src/flows/engine/flow-document.js';
import type { SessionState } from '../../../src/flows/engine/session-state.js';
import { turn } from '../../../src/flows/engine/turn.js';
import type { Effect, TurnEvent, TurnResult } from '../../../src/flows/engine/turn-types.js';
import { validateFlow } from '../../../src/flows/engine/validate.js';

const MINUTE_MS = 60_000;

/** A customer talking to a flow: state goes through JSON between turns, as it does through the database. */
export class Chat {
  state: SessionState | null = null;
  nowMs = Date.parse('2030-03-12T15:00:00Z');
  last: TurnResult | null = null;
  private turns = 0;

  constructor(
    readonly flow: CompiledFlow,
    readonly contact: Record<string, unknown> = { id: 'c1', name: 'Ana', phone: '+573001234567', lang: 'es' },
    readonly subflows: ReadonlyMap<string, CompiledFlow> = new Map(),
  ) {}

  /** @throws Error the document is not publishable */
  static of(input: unknown, contact?: Record<string, unknown>): Chat {
    const { publishable, problems } = validateFlow(input);
    if (!publishable) throw new Error(JSON.stringify(problems));
    return new Chat(compileFlow(flowDocumentSchema.parse(input)), contact);
  }

  turn(...events: TurnEvent[]): TurnResult {
    this.turns += 1;
    const { flow, contact, subflows, nowMs, state } = this;
    const input = { state, events, flow, subflows, nowMs, conversationId: 'conv-1', turn: this.turns, contact };
    this.last = turn(input);
    this.state = JSON.parse(JSON.stringify(this.last.state)) as SessionState | null;
    return this.last;
  }

  /** What the customer then sees. */
  send(content: Partial<InboundContent>): string[] {
    const whole = { type: 'text', text: '', ...content } as const;
    return seen(this.turn({ kind: 'message', id: `m${this.turns}`, content: whole }).effects);
  }

  say(text: string): string[] {
    return this.send({ text });
  }

  tap(choiceId: string, text = ''): string[] {
    return this.send({ type: 'choice', choiceId, text });
  }

  /** The pending effect succeeds. */
  succeed(output: unknown): string[] {
    return seen(this.turn({ kind: 'result', effectId: this.pending(), ok: true, output }).effects);
  }

  fails(error: string, more: { status?: number; message?: string } = {}): string[] {
    return seen(this.turn({ kind: 'result', effectId: this.pending(), ok: false, error, ...more }).effects);
  }

  happen(name: string, data: Record<string, unknown> = {}): string[] {
    return seen(this.turn({ kind: 'event', name, data }).effects);
  }

  resume(): string[] {
    return seen(this.turn({ kind: 'resume' }).effects);
  }

  later(minutes: number): string[] {
    this.nowMs += minutes * MINUTE_MS;
    return seen(this.turn({ kind: 'timer' }).effects);
  }

  pending(): string {
    const wait = this.state?.wait;
    if (wait?.kind !== 'effect') throw new Error('No effect is pending');
    return wait.effectId;
  }

  get step(): string | undefined {
    return this.state?.stack.at(-1)?.step;
  }
}

/** One line per effect. */
export function seen(effects: readonly Effect[]): string[] {
  return effects.map((effect) => {
    if (effect.kind === 'action') return `${effect.action} ${JSON.stringify(effect.input)}`;
    if (effect.kind === 'api') return `${effect.method} ${effect.connection} ${effect.path}`;
    if (effect.kind === 'handoff') return `handoff ${effect.team}: ${effect.note}`;
    const { content } = effect;
    switch (content.kind) {
      case 'text':
        return content.text;
      case 'choices':
        return `${content.text} [${content.options.map(({ title }) => title).join(' | ')}]`;
      case 'link':
        return `${content.text} (${content.title}: ${content.url})`;
      case 'media':
        return `${content.media} ${content.url}${content.caption ? ` ${content.caption}` : ''}`;
      default:
        return `${content.kind} ${JSON.stringify({ ...content, kind: undefined })}`;
    }
  });
}
