import type { ChoiceOption } from '../messages/message-content.js';
import type { BotMessage, Chat, Delivery } from './chat-client.js';
import { choicesOf, linesOf, ticksOf } from './chat-screen.js';

const RANK: Record<Delivery, number> = { pending: 0, sent: 1, delivered: 2, read: 3, failed: 3 };

/** One phone: what has arrived on it, what can be tapped, and how far the ticks are. */
export class ChatCustomer {
  asOf: string | undefined;
  isTyping = false;
  mode: Chat['mode'] = null;
  private readonly seen = new Map<string, Delivery>();
  private choices: readonly ChoiceOption[] = [];
  private toldRank = 0;

  constructor(
    /** E.164. */
    readonly number: string,
    private readonly botName: string,
  ) {}

  /** True when every message has come as far as it will. */
  get isSettled(): boolean {
    return !this.isTyping && [...this.seen.values()].every((delivery) => RANK[delivery] === RANK.read);
  }

  /** Takes over what was said before, to go on from there without showing it all again. */
  resume(chat: Chat): void {
    this.take(chat);
    this.toldRank = this.rank();
  }

  /** @returns what to print: new messages, then the ticks if they moved, then a change of who answers */
  take({ items, isTyping, mode, asOf }: Chat): string[] {
    const lines: string[] = [];
    for (const item of items) if (item.direction === 'out') lines.push(...this.show(item));
    if (lines.length > 0) this.toldRank = this.rank();
    lines.push(...this.showTicks());
    if (mode === 'human' && this.mode === 'bot') lines.push('  (a person has been asked to take over)');
    this.isTyping = isTyping;
    this.mode = mode;
    this.asOf = asOf;
    return lines;
  }

  /** A number taps what it stands for; everything else is typed. */
  toMessage(line: string): { text: string; choiceId?: string } {
    const choice = /^\d+$/.test(line) ? this.choices[Number(line) - 1] : undefined;
    return choice ? { text: choice.title, choiceId: choice.id } : { text: line };
  }

  private show({ id, content, delivery }: BotMessage): string[] {
    const isNew = !this.seen.has(id);
    this.seen.set(id, delivery);
    if (!isNew) return [];
    this.choices = choicesOf(content);
    const [first = '', ...rest] = linesOf(content);
    const ticks = delivery === 'pending' ? [] : [`  ${ticksOf(delivery)}`];
    return [`${this.botName}: ${first}`, ...rest.map((line) => `  ${line}`), ...ticks];
  }

  private showTicks(): string[] {
    const rank = this.rank();
    if (rank <= this.toldRank) return [];
    this.toldRank = rank;
    const slowest = [...this.seen.values()].findLast((delivery) => RANK[delivery] === rank) ?? 'pending';
    return [`  ${ticksOf(slowest)}`];
  }

  /** Of the message that is furthest behind. */
  private rank(): number {
    return Math.min(...[...this.seen.values()].map((delivery) => RANK[delivery]), RANK.read);
  }
}
