import { setTimeout as wait } from 'node:timers/promises';
import type { ChatClient } from './chat-client.js';
import { ChatCustomer } from './chat-customer.js';

/** How often a phone looks for news. */
const POLL_MS = 200;
/** Looks that must agree that nothing is under way: the bot may be between two messages. */
const QUIET_LOOKS = 2;

type Print = (line: string) => void;

/** Several customers with one bot. `print` gets one line at a time, without its end. */
export class ChatSession {
  private readonly customers: readonly ChatCustomer[];
  private current = 0;

  constructor(
    private readonly client: ChatClient,
    numbers: readonly string[],
    private readonly print: Print,
  ) {
    this.customers = numbers.map((number) => new ChatCustomer(number, client.botName));
  }

  async open(): Promise<void> {
    for (const customer of this.customers) customer.resume(await this.client.read(customer.number, undefined));
  }

  /** What to show before the line being typed. */
  get prompt(): string {
    const { isTyping, number } = this.active;
    const who = this.customers.length > 1 ? `${this.current + 1} ${number}` : number;
    return `${isTyping ? `${this.client.botName} is typing…  ` : ''}[${who}] > `;
  }

  /**
   * Takes a line as typed.
   *
   * @returns who said something; null for a command or an empty line
   * @throws ChatError the server refuses it
   */
  async take(line: string): Promise<ChatCustomer | null> {
    const [, index, rest = ''] = /^\/(\d+)\s*(.*)$/s.exec(line.trim()) ?? [undefined, undefined, line.trim()];
    if (index !== undefined && !this.switchTo(Number(index))) return null;
    if (rest === '') return null;
    if (rest.startsWith('/')) {
      this.print(`There is no ${rest}: /1 /2 … switch customer, /quit leaves`);
      return null;
    }
    const customer = this.active;
    await this.client.say(customer.number, customer.toMessage(rest));
    customer.isTyping = true;
    return customer;
  }

  /** Shows what is new on every phone. */
  async look(): Promise<void> {
    for (const customer of this.customers) await this.lookAt(customer);
  }

  /** Shows what comes until the bot has finished; then, with `ticks`, until everything has been read. */
  async settle(customer: ChatCustomer, { timeoutMs, ticks }: { timeoutMs: number; ticks: boolean }): Promise<boolean> {
    const end = Date.now() + timeoutMs;
    for (let quiet = 0; quiet < QUIET_LOOKS;) {
      await this.lookAt(customer);
      const isDone = ticks ? customer.isSettled : !customer.isTyping;
      quiet = isDone ? quiet + 1 : 0;
      if (Date.now() > end) return false;
      if (quiet < QUIET_LOOKS) await wait(POLL_MS);
    }
    return true;
  }

  /** Waits for the ticks of every phone. */
  async settleAll(timeoutMs: number): Promise<void> {
    for (const customer of this.customers) await this.settle(customer, { timeoutMs, ticks: true });
  }

  private get active(): ChatCustomer {
    const customer = this.customers[this.current];
    if (!customer) throw new TypeError('A chat has at least one customer');
    return customer;
  }

  private switchTo(number: number): boolean {
    if (number < 1 || number > this.customers.length) {
      this.print(`There is no customer ${number}: there are ${this.customers.length}`);
      return false;
    }
    this.current = number - 1;
    return true;
  }

  private async lookAt(customer: ChatCustomer): Promise<void> {
    const lines = customer.take(await this.client.read(customer.number, customer.asOf));
    const mark = this.customers.length > 1 ? `${this.customers.indexOf(customer) + 1}| ` : '';
    for (const line of lines) this.print(mark + line);
  }
}
