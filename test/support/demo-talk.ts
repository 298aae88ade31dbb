import { expect } from 'vitest';
import type { CompiledFlow, FlowsService, SessionState, TurnEvent } from '../../src/flows/flows.service.js';
import type { OutboundContent } from '../../src/messages/message-content.js';
import { PRODUCTS } from '../../src/demo/coffee-shop.js';

export type Lang = 'es' | 'en' | 'pt';
type Refusal = { readonly refused: string };
type Line = { productId: string; name: string; quantity: number; unitPriceMinor: number; totalMinor: number };

/** What the shop's actions answer, in memory: same shapes, no database. */
export class FakeShop {
  readonly stock = new Map(PRODUCTS.map(({ sku, stock }) => [sku, stock]));
  readonly cart = new Map<string, number>();
  locale: string | null = null;
  isDown = false;
  orders = 0;
  lastOrder: Record<string, unknown> | null = null;

  run(action: string, input: Readonly<Record<string, unknown>>, lang: Lang): unknown {
    if (this.isDown) return { refused: 'error' };
    switch (action) {
      case 'products.search':
        return this.search(input, lang);
      case 'cart.add':
        return this.add(String(input.productId), Number(input.quantity), lang);
      case 'cart.view':
        return this.view(lang);
      case 'cart.clear':
        this.cart.clear();
        return this.view(lang);
      case 'orders.place':
        return this.place(lang);
      case 'orders.status':
        return this.lastOrder ?? { refused: 'no_order' };
      case 'contacts.update':
        this.locale = String(input.locale);
        return { name: null, locale: input.locale, tags: [] };
      default:
        throw new Error(`No fake for ${action}`);
    }
  }

  private search({ category, text, limit = 10 }: Readonly<Record<string, unknown>>, lang: Lang) {
    const found = PRODUCTS.filter((good) => (category === undefined ? good.sku === text : good.category === category))
      .map((good) => ({ ...good, id: `id-${good.sku}`, name: good.name[lang], currency: 'MXN' }))
      .map((good) => ({ ...good, available: this.free(good.sku) }))
      .filter(({ available }) => available > 0);
    return { items: found.slice(0, Number(limit)), categories: [] };
  }

  private free(sku: string): number {
    return (this.stock.get(sku) ?? 0) - (this.cart.get(sku) ?? 0);
  }

  private add(productId: string, quantity: number, lang: Lang) {
    const sku = productId.replace('id-', '');
    if (quantity > this.free(sku)) return { refused: 'out_of_stock' } satisfies Refusal;
    this.cart.set(sku, (this.cart.get(sku) ?? 0) + quantity);
    return this.view(lang);
  }

  private view(lang: Lang) {
    const lines: Line[] = [...this.cart].map(([sku, quantity]) => {
      const good = PRODUCTS.find((one) => one.sku === sku);
      if (!good) throw new Error(`No good ${sku}`);
      const { priceMinor, name } = good;
      const totalMinor = priceMinor * quantity;
      return { productId: `id-${sku}`, name: name[lang], quantity, unitPriceMinor: priceMinor, totalMinor };
    });
    const totalMinor = lines.reduce((sum, line) => sum + line.totalMinor, 0);
    return { lines, count: lines.length, totalMinor, currency: 'MXN' };
  }

  private place(lang: Lang) {
    const { lines, totalMinor, currency } = this.view(lang);
    if (lines.length === 0) return { refused: 'empty_cart' };
    this.orders += 1;
    this.cart.clear();
    const stateLabel = { es: 'Recibido', en: 'Received', pt: 'Recebido' }[lang];
    const sellerName = 'Lucía Paredes';
    this.lastOrder = { id: `o${this.orders}`, number: this.orders, totalMinor, currency, sellerName, stateLabel };
    return this.lastOrder;
  }
}

/** A customer talking to the flow: the engine is the real one. */
export class Talk {
  state: SessionState | null = null;
  outcome: string | undefined;
  mode: 'bot' | 'human' = 'bot';
  nowMs = Date.UTC(2030, 0, 1, 12);
  private turns = 0;

  constructor(
    private readonly flows: FlowsService,
    private readonly flow: CompiledFlow,
    readonly shop: FakeShop,
    private readonly lang: Lang,
  ) {}

  say(text: string, choiceId?: string): OutboundContent[] {
    const id = `m${this.turns}`;
    const content =
      choiceId === undefined ? { type: 'text' as const, text } : { type: 'choice' as const, text, choiceId };
    return this.take({ kind: 'message', id, content });
  }

  /** Taps what is on the screen under this title. */
  tap(screen: readonly OutboundContent[], title: string): OutboundContent[] {
    const options = screen.flatMap((content) => (content.kind === 'choices' ? content.options : []));
    const option = options.find((one) => one.title === title);
    if (!option) throw new Error(`Nothing says ${title}: ${options.map((one) => one.title).join(', ')}`);
    return this.say(option.title, option.id);
  }

  wait(ms: number): OutboundContent[] {
    this.nowMs += ms;
    return this.take({ kind: 'timer' });
  }

  private take(event: TurnEvent): OutboundContent[] {
    const shown: OutboundContent[] = [];
    for (let events: TurnEvent[] = [event]; events.length > 0;) {
      this.turns += 1;
      const contact = { id: 'c1', name: 'Sofía', phone: '+525511111111', lang: this.lang };
      const result = this.flows.runTurn({
        state: this.state,
        events,
        flow: this.flow,
        nowMs: this.nowMs,
        conversationId: 'conversation',
        turn: this.turns,
        contact,
      });
      expect(result.fault).toBeUndefined();
      this.state = result.state;
      this.mode = result.mode;
      this.outcome = result.outcome;
      events = [];
      for (const effect of result.effects) {
        if (effect.kind === 'send') shown.push(effect.content);
        if (effect.kind === 'action') events.push(this.act(effect));
      }
    }
    return shown;
  }

  private act({
    key,
    action,
    input,
  }: {
    key: string;
    action: string;
    input: Readonly<Record<string, unknown>>;
  }): TurnEvent {
    const output = this.shop.run(action, input, (this.state?.lang ?? 'es') as Lang);
    const isRefusal = typeof output === 'object' && output !== null && 'refused' in output;
    if (isRefusal) return { kind: 'result', effectId: key, ok: false, error: String(output.refused) };
    return { kind: 'result', effectId: key, ok: true, output };
  }
}

export const textOf = (contents: readonly OutboundContent[]) =>
  contents.map((content) => ('text' in content ? content.text : content.kind)).join('\n');
export const titlesOf = (contents: readonly OutboundContent[]) =>
  contents.flatMap((content) => (content.kind === 'choices' ? content.options.map(({ title }) => title) : []));
