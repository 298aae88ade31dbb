import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ActionRegistry } from '../flows/action-registry.service.js';
import { FlowsService, type CompiledFlow } from '../flows/flows.service.js';
import type { OutboundContent } from '../messages/message-content.js';
import { SystemClock } from '../platform/clock.js';
import type { PathPool } from '../platform/database/path-pool.js';
import type { TenantDatabase } from '../platform/database/tenant-database.js';
import { coffeeShopFlow } from './coffee-shop.flow.js';
import { FakeShop, Talk, textOf, titlesOf } from '../../test/support/demo-talk.js';

const HOUR_MS = 3_600_000;

const WORDS = {
  es: {
    hello: '¡Hola Sofía!',
    menu: ['Ver catálogo', 'Mi carrito', 'Mi pedido', 'Hablar con alguien', 'Cambiar idioma'],
    beans: 'Café en grano',
    oaxaca: 'Café de Oaxaca 250 g',
    howMany: '¿Cuántas piezas de Café de Oaxaca 250 g?',
    yes: 'Sí, seguir viendo',
    brewers: 'Métodos y filtros',
    filters: 'Filtros V60, 100',
    no: 'No, ver mi carrito',
    place: 'Confirmar pedido',
    thanks: 'Tu pedido n.º 1',
    seller: 'Te atiende Lucía Paredes.',
    fewLeft: 'Solo nos quedan 4 de Microlote Geisha 150 g.',
    geisha: 'Microlote Geisha 150 g',
    empty: 'Tu carrito está vacío.',
    state: 'Recibido',
    human: 'Ya avisé a una persona',
    reminder: 'Tu carrito sigue aquí',
  },
  en: {
    hello: 'Hi Sofía!',
    menu: ['See the catalogue', 'My cart', 'My order', 'Talk to us', 'Change language'],
    beans: 'Coffee beans',
    oaxaca: 'Oaxaca coffee 250 g',
    howMany: 'How many Oaxaca coffee 250 g?',
    yes: 'Yes, keep looking',
    brewers: 'Brewers & filters',
    filters: 'V60 filters, 100',
    no: 'No, see my cart',
    place: 'Place order',
    thanks: 'Your order no. 1',
    seller: 'You are in the hands of Lucía Paredes.',
    fewLeft: 'Only 4 of Geisha microlot 150 g left.',
    geisha: 'Geisha microlot 150 g',
    empty: 'Your cart is empty.',
    state: 'Received',
    human: 'I told someone from the team',
    reminder: 'Your cart is still here',
  },
  pt: {
    hello: 'Oi Sofía!',
    menu: ['Ver o catálogo', 'Meu carrinho', 'Meu pedido', 'Falar com alguém', 'Mudar idioma'],
    beans: 'Café em grãos',
    oaxaca: 'Café de Oaxaca 250 g',
    howMany: 'Quantas unidades de Café de Oaxaca 250 g?',
    yes: 'Sim, ver mais',
    brewers: 'Métodos e filtros',
    filters: 'Filtros V60, 100',
    no: 'Não, ver carrinho',
    place: 'Fechar pedido',
    thanks: 'Seu pedido n.º 1',
    seller: 'Quem atende você é Lucía Paredes.',
    fewLeft: 'Só temos 4 de Microlote Geisha 150 g.',
    geisha: 'Microlote Geisha 150 g',
    empty: 'Seu carrinho está vazio.',
    state: 'Recebido',
    human: 'Já avisei uma pessoa',
    reminder: 'Seu carrinho ainda está aqui',
  },
} as const;

describe.each(['es', 'en', 'pt'] as const)('the demo flow in %s', (lang) => {
  const words = WORDS[lang];
  let flows: FlowsService;
  let flow: CompiledFlow;
  let shop: FakeShop;
  let talk: Talk;

  beforeAll(async () => {
    const path = { query: async () => [{ document: coffeeShopFlow, report: { problems: [], subflows: {} } }] };
    flows = new FlowsService(
      {} as TenantDatabase,
      path as unknown as PathPool,
      new ActionRegistry(),
      new SystemClock(),
    );
    flow = await flows.loadCompiled('version');
  });
  beforeEach(() => {
    shop = new FakeShop();
    talk = new Talk(flows, flow, shop, lang);
  });

  const [catalogue, cart, order, person, language] = words.menu;
  /** From hello to `quantity` units of a product in the cart. */
  const choose = (screen: OutboundContent[], category: string, product: string) =>
    talk.tap(talk.tap(screen, category), product);

  it('sells two things: greeting, catalogue, review, order', () => {
    const menu = talk.say('hola');
    expect(textOf(menu)).toContain(words.hello);
    expect(titlesOf(menu)).toEqual(words.menu);
    const howMany = choose(talk.tap(menu, catalogue), words.beans, words.oaxaca);
    expect(textOf(howMany)).toContain(words.howMany);
    const more = talk.say('2');
    expect(textOf(more)).toContain(`2 × ${words.oaxaca}`);
    choose(talk.tap(more, words.yes), words.brewers, words.filters);
    const review = talk.tap(talk.say('1'), words.no);
    expect(textOf(review)).toContain(`• 2 × ${words.oaxaca}`);
    expect(textOf(review)).toMatch(/447[.,]00/);
    const placed = talk.tap(review, words.place);
    expect(textOf(placed)).toContain(words.thanks);
    expect(textOf(placed)).toMatch(/447[.,]00/);
    expect(textOf(placed)).toContain(words.seller);
    expect(talk.outcome).toBe('sold');
    expect(shop.orders).toBe(1);
  });

  it('can be walked by number alone', () => {
    talk.say('hola');
    for (const number of ['1', '1', '1', '3', '2']) talk.say(number);
    expect([...shop.cart.values()]).toEqual([3]);
    expect(textOf(talk.say('1'))).toContain(words.thanks);
  });

  it('tells how many are left when there are fewer than asked for, and goes on from there', () => {
    choose(talk.tap(talk.say('hola'), catalogue), words.beans, words.geisha);
    const told = talk.say('9');
    expect(textOf(told)).toContain(words.fewLeft);
    expect(textOf(talk.say('4'))).toContain(`4 × ${words.geisha}`);
    expect(shop.cart.get('CAF-MICRO-150')).toBe(4);
    const again = talk.tap(talk.say('menu'), catalogue);
    expect(titlesOf(talk.tap(again, words.beans))).not.toContain(words.geisha);
  });

  it('shows the state of the last order, and says when there is none', () => {
    expect(titlesOf(talk.tap(talk.say('hola'), order))).toEqual(words.menu);
    choose(talk.tap(talk.say('menu'), catalogue), words.beans, words.oaxaca);
    talk.tap(talk.tap(talk.say('1'), words.no), words.place);
    expect(textOf(talk.tap(talk.say('hola'), order))).toContain(words.state);
  });

  it('says that an empty cart is empty', () => {
    expect(textOf(talk.tap(talk.say('hola'), cart))).toContain(words.empty);
  });

  it.each(['humano', 'Human', 'PESSOA'])('calls a person at any time: %s', (word) => {
    talk.tap(talk.say('hola'), catalogue);
    expect(textOf(talk.say(word))).toContain(words.human);
    expect(talk.mode).toBe('human');
  });

  it('calls a person from the menu, and after a quarter of an hour says that nobody is free', () => {
    talk.tap(talk.say('hola'), person);
    expect(talk.mode).toBe('human');
    expect(textOf(talk.wait(HOUR_MS / 4))).not.toBe('');
    expect(talk.outcome).toBe('abandoned');
  });

  it('calls a person after answers it cannot read', () => {
    choose(talk.tap(talk.say('hola'), catalogue), words.beans, words.oaxaca);
    for (let tries = 0; tries < 4 && talk.mode === 'bot'; tries += 1) talk.say('ñandú');
    expect(talk.mode).toBe('human');
  });

  it('calls a person when the shop does not answer', () => {
    talk.tap(talk.say('hola'), catalogue);
    shop.isDown = true;
    expect(textOf(talk.say('1'))).toContain(words.human);
    expect(talk.mode).toBe('human');
  });

  it('empties the cart and ends on cancel', () => {
    choose(talk.tap(talk.say('hola'), catalogue), words.beans, words.oaxaca);
    talk.say('2');
    talk.say(lang === 'en' ? 'Cancel' : 'cancelar');
    expect(shop.cart.size).toBe(0);
    expect(talk.outcome).toBe('cancelled');
  });

  it('reminds once of a full cart, then lets go', () => {
    choose(talk.tap(talk.say('hola'), catalogue), words.beans, words.oaxaca);
    talk.tap(talk.say('2'), words.no);
    expect(textOf(talk.wait(HOUR_MS))).toContain(words.reminder);
    expect(talk.wait(HOUR_MS)).toEqual([]);
    talk.wait(19 * HOUR_MS);
    expect(talk.outcome).toBe('abandoned');
  });

  it.each([
    ['English', 'en'],
    ['español', 'es'],
    ['portugues', 'pt'],
  ] as const)('goes on in the language asked for at any time: %s', (word, wanted) => {
    talk.say('hola');
    expect(titlesOf(talk.say(word))).toEqual(WORDS[wanted].menu);
    expect(shop.locale).toBe(wanted);
  });

  it('offers its languages from the menu', () => {
    const languages = talk.tap(talk.say('hola'), language);
    expect(titlesOf(languages)).toEqual(['Español', 'English', 'Português']);
    expect(titlesOf(talk.tap(languages, 'Português'))).toEqual(WORDS.pt.menu);
  });
});
