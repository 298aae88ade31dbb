import { describe, expect, it } from 'vitest';
import { compileFlow } from './compile.js';
import { Chat } from '../../../test/support/flows/chat.js';
import { addressFlow, shopFlow } from '../../../test/support/flows/shop-flow.js';
import { outboundContentSchema } from '../../messages/message-content.js';

const shop = compileFlow(shopFlow);
const subflows = new Map([['ask_address', compileFlow(addressFlow)]]);
const open = (lang = 'es') => new Chat(shop, { id: 'c1', name: 'Ana', phone: '+573001234567', lang }, subflows);

const products = Array.from({ length: 12 }, (_, index) => ({
  sku: `SKU-${index + 1}`,
  name: `Café ${index + 1}`,
  priceMinor: 1250 + index,
}));
const cart = {
  lines: [
    { sku: 'SKU-2', name: 'Café 2', quantity: 2 },
    { sku: 'SKU-11', name: 'Café 11', quantity: 1 },
  ],
  totalMinor: 3762,
};

/** Up to the review of a cart with two products. */
function fillCart(chat: Chat, { yes, no }: { yes: string; no: string }): string[] {
  chat.say('hola');
  chat.tap('buy');
  chat.succeed({ items: products });
  chat.say('2');
  chat.say('2');
  chat.succeed({ lines: cart.lines.slice(0, 1), totalMinor: 2502 });
  chat.say(yes);
  chat.tap('__more');
  chat.say('cafe 11');
  chat.say('1');
  chat.succeed(cart);
  return chat.say(no);
}

describe('a sale from the greeting to the payment', () => {
  it('runs in Spanish, with buttons, numbers, pages and words mixed', () => {
    const chat = open();
    expect(chat.say('hola')).toEqual([
      '¡Hola Ana! Soy el bot de Tostadora Andina.',
      '¿Qué quieres hacer? [Ver catálogo | Mi carrito | Hablar con alguien]',
    ]);
    expect(chat.say('ver catalogo')).toEqual(['products.search {"query":""}']);
    expect(chat.succeed({ items: products })).toEqual([
      `Elige un producto: [${products
        .slice(0, 9)
        .map(({ name }) => name)
        .join(' | ')} | Más…]`,
    ]);
    expect(chat.say('10')).toEqual(['Elige un producto: [Café 10 | Café 11 | Café 12 | Más…]']);
    expect(chat.say('2')).toEqual(['¿Cuántas unidades de Café 11?']);
    expect(chat.say('veintiuna')).toEqual(['Un número de 1 a 20, por favor.']);
    expect(chat.say('21')).toEqual(['Un número de 1 a 20, por favor.']);
    expect(chat.say('1')).toEqual(['cart.add {"sku":"SKU-11","quantity":1}']);
    expect(chat.succeed(cart)).toEqual(['¿Algo más? [Sí | No]']);
    expect(chat.say('No, gracias')).toEqual([
      'Tu pedido:\n2 x Café 2\n1 x Café 11\nTotal: $37.62 [Cerrar pedido | Agregar más | Vaciar]',
    ]);
    expect(chat.tap('ok')).toEqual(["¿Tu correo para el recibo? (o 'omitir')"]);
    expect(chat.say('es ANA@example.com.')).toEqual(['¿A qué dirección enviamos?']);
    expect(chat.say('Calle 12 # 3-45, Bogotá')).toEqual([
      'orders.place {"email":"ana@example.com","address":"Calle 12 # 3-45, Bogotá"}',
    ]);
    expect(chat.succeed({ id: 'o1', number: 17 })).toEqual(['payments.createLink {"orderId":"o1"}']);
    expect(chat.succeed({ url: 'https://pay.example/1', receiptUrl: 'https://pay.example/1.pdf' })).toEqual([
      'Pedido 17. Paga aquí, vale 24 h: (Pagar: https://pay.example/1)',
    ]);
    expect(chat.last?.effects[0]).toMatchObject({ kind: 'send', resend: 'never' });
    expect(chat.say('ya pagué')).toEqual(["Estoy esperando el pago. Escribe 'menú' o 'humano'."]);
    expect(chat.happen('payment.paid', { orderId: 'another' })).toEqual([]);
    expect(chat.happen('payment.paid', { orderId: 'o1' })).toEqual([
      'document https://pay.example/1.pdf Pago recibido. ¡Gracias!',
    ]);
    expect(chat.last).toMatchObject({ mode: 'bot', outcome: 'sold', wakeAtMs: null });
    expect(chat.state).toMatchObject({ mode: 'ended', vars: {}, lang: 'es' });
  });

  it.each([
    [
      'en',
      { yes: 'yes please', no: 'nope' },
      'Your order:\n2 x Café 2\n1 x Café 11\nTotal is $37.62 [Check out | Add more | Empty cart]',
    ],
    [
      'pt',
      { yes: 'sim', no: 'não' },
      'Seu pedido:\n2 x Café 2\n1 x Café 11\nO total é US$ 37,62 [Fechar pedido | Pôr mais | Esvaziar]',
    ],
  ])('runs in %s', (lang, words, review) => {
    const chat = open(lang);
    expect(fillCart(chat, words)).toEqual([review]);
    chat.tap('ok');
    chat.say(lang === 'en' ? 'Skip' : 'pular!');
    chat.say('Street 12 # 3-45, Town');
    expect(chat.last?.effects).toMatchObject([
      { kind: 'action', input: { email: '', address: 'Street 12 # 3-45, Town' } },
    ]);
    chat.succeed({ id: 'o1', number: 17 });
    chat.succeed({ url: 'https://pay.example/1', receiptUrl: 'https://pay.example/1.pdf' });
    chat.happen('payment.paid', { orderId: 'o1' });
    expect(chat.last?.outcome).toBe('sold');
  });

  it('says only what providers can render', () => {
    const chat = open();
    const contents: unknown[] = [];
    const step = (effects = chat.last?.effects ?? []) =>
      contents.push(...effects.flatMap((effect) => (effect.kind === 'send' ? [effect.content] : [])));
    chat.say('hola');
    step();
    chat.tap('buy');
    chat.succeed({ items: products });
    step();
    chat.tap('SKU-4');
    step();
    for (const content of contents) expect(outboundContentSchema.safeParse(content).error).toBeUndefined();
    expect(contents).toHaveLength(4);
  });
});

describe('what goes another way', () => {
  it('speaks the language that was chosen, also in the next session', () => {
    const chat = open('es');
    chat.say('hola');
    expect(chat.say('¿Idioma?')).toEqual(['¿En qué idioma hablamos? [Español | English | Português]']);
    expect(chat.say('english')).toEqual(['What would you like to do? [See catalogue | My cart | Talk to us]']);
    expect(chat.later(31)).toEqual([]);
    expect(chat.last?.outcome).toBe('abandoned');
    expect(chat.say('hola')[0]).toBe('Hi Ana! I am the bot of Tostadora Andina.');
  });

  it('takes another language of a contact for the default one, and pt-BR for pt', () => {
    expect(open('fr').say('salut')[0]).toBe('¡Hola Ana! Soy el bot de Tostadora Andina.');
    expect(open('pt-BR').say('oi')[0]).toBe('Olá Ana! Sou o robô da Tostadora Andina.');
  });

  it('keeps the cart of a session that was abandoned, reminded first', () => {
    const chat = open();
    fillCart(chat, { yes: 'sí', no: 'no' });
    expect(chat.last?.wakeAtMs).toBe(chat.nowMs + 3_600_000);
    expect(chat.later(59)).toEqual([]);
    expect(chat.later(1)).toEqual(['Tu carrito sigue aquí 🙂']);
    expect(chat.later(19 * 60)).toEqual([]);
    expect(chat.last?.outcome).toBe('abandoned');
    chat.say('hola');
    expect(chat.tap('cart')[0]).toMatch(/^Tu pedido:\n2 x Café 2/);
  });

  it('reviews the cart when an item sold out, and calls a person when the shop is down', () => {
    const chat = open();
    fillCart(chat, { yes: 'sí', no: 'no' });
    chat.tap('ok');
    chat.say('omitir');
    chat.say('Calle 12 # 3-45, Bogotá');
    expect(chat.fails('out_of_stock')[0]).toBe('Un producto se agotó. Revisemos el carrito.');
    chat.say('vaciar');
    expect(chat.fails('boom')).toEqual([
      'Nuestro sistema no respondió; llamé a una persona.',
      'Ya llamé a alguien del equipo.',
      'handoff sales: cart: 2 items, total $37.62',
    ]);
    expect(chat.last).toMatchObject({ mode: 'human', wakeAtMs: chat.nowMs + 15 * 60_000 });
    expect(chat.resume()).toEqual(['¿Qué quieres hacer? [Ver catálogo | Mi carrito | Hablar con alguien]']);
    expect(chat.last?.mode).toBe('bot');
  });

  it('leaves a subflow for an anytime word of the flow that called it', () => {
    const chat = open();
    fillCart(chat, { yes: 'sí', no: 'no' });
    chat.tap('ok');
    chat.say('omitir');
    expect(chat.state?.stack).toHaveLength(2);
    expect(chat.say('MENU')).toEqual(['¿Qué quieres hacer? [Ver catálogo | Mi carrito | Hablar con alguien]']);
    expect(chat.state?.stack).toHaveLength(1);
  });

  it('calls a person when a subflow gives up, and goes on alone when none comes', () => {
    const chat = open();
    fillCart(chat, { yes: 'sí', no: 'no' });
    chat.tap('ok');
    chat.say('omitir');
    chat.say('aquí');
    chat.say('aquí');
    expect(chat.say('aquí')[0]).toBe('Ya llamé a alguien del equipo.');
    expect(chat.later(15)).toEqual(['No hay nadie libre; respondemos en horario de oficina.']);
    expect(chat.last).toMatchObject({ mode: 'bot', outcome: 'abandoned' });
  });

  it('cancels an order that is not paid in a day', () => {
    const chat = open();
    fillCart(chat, { yes: 'sí', no: 'no' });
    chat.tap('ok');
    chat.say('omitir');
    chat.say('Calle 12 # 3-45, Bogotá');
    chat.succeed({ id: 'o1', number: 17 });
    chat.succeed({ url: 'https://pay.example/1', receiptUrl: 'https://pay.example/1.pdf' });
    expect(chat.later(120)).toEqual(['Solo falta el pago 🙂 https://pay.example/1']);
    expect(chat.later(22 * 60)).toEqual(['orders.cancel {"orderId":"o1","reason":"not_paid"}']);
    chat.succeed(null);
    expect(chat.last?.outcome).toBe('abandoned');
  });
});
