import { describe, expect, it } from 'vitest';
import type { Chat } from './chat-client.js';
import { ChatCustomer } from './chat-customer.js';

type Item = Chat['items'][number];
const said = (id: string, content: Extract<Item, { direction: 'out' }>['content'], delivery = 'sent'): Item =>
  ({ id, direction: 'out', content, delivery }) as Item;
const text = (words: string) => ({ kind: 'text', text: words }) as const;
const menu = {
  kind: 'choices' as const,
  text: '¿Qué quieres?',
  options: [
    { id: 'buy', title: 'Comprar', description: 'todo' },
    { id: 'human', title: 'Persona' },
  ],
};
const chat = (items: Item[], rest: Partial<Chat> = {}): Chat => ({
  items,
  isTyping: false,
  mode: 'bot',
  asOf: '2030-01-01T00:00:00.000Z',
  ...rest,
});
const make = () => new ChatCustomer('+525511111111', 'Barista');

describe('ChatCustomer', () => {
  it('shows choices with the numbers that choose them', () => {
    const customer = make();
    expect(customer.take(chat([said('out.1', menu)]))).toEqual([
      'Barista: ¿Qué quieres?',
      '    1. Comprar — todo',
      '    2. Persona',
      '  ✓',
    ]);
    expect(customer.toMessage('2')).toEqual({ text: 'Persona', choiceId: 'human' });
    expect(customer.toMessage('3')).toEqual({ text: '3' });
    expect(customer.toMessage('hola')).toEqual({ text: 'hola' });
  });

  it('takes a number as a number once the bot has asked something else', () => {
    const customer = make();
    customer.take(chat([said('out.1', menu), said('out.2', text('¿Cuántos?'))]));
    expect(customer.toMessage('2')).toEqual({ text: '2' });
  });

  it('shows a message once and its ticks whenever all messages have come further', () => {
    const customer = make();
    customer.take(chat([said('out.1', text('uno'), 'pending'), said('out.2', text('dos'), 'pending')]));
    expect(customer.take(chat([said('out.1', text('uno'), 'delivered')]))).toEqual([]);
    expect(customer.take(chat([said('out.2', text('dos'), 'delivered')]))).toEqual(['  ✓✓']);
    expect(customer.isSettled).toBe(false);
    expect(customer.take(chat([said('out.1', text('uno'), 'read'), said('out.2', text('dos'), 'read')]))).toEqual([
      '  ✓✓ read',
    ]);
    expect(customer.isSettled).toBe(true);
  });

  it('says so when a message did not arrive', () => {
    const customer = make();
    expect(customer.take(chat([said('out.1', text('uno'), 'failed')]))).toEqual(['Barista: uno', '  ✗ not delivered']);
    expect(customer.isSettled).toBe(true);
  });

  it('says once that a person takes over', () => {
    const customer = make();
    customer.take(chat([]));
    expect(customer.take(chat([], { mode: 'human' }))).toEqual(['  (a person has been asked to take over)']);
    expect(customer.take(chat([], { mode: 'human' }))).toEqual([]);
  });

  it('goes on from an earlier talk: shows nothing again and still knows what can be chosen', () => {
    const customer = make();
    customer.resume(chat([said('out.1', menu, 'read')]));
    expect(customer.take(chat([said('out.1', menu, 'read')]))).toEqual([]);
    expect(customer.toMessage('1')).toEqual({ text: 'Comprar', choiceId: 'buy' });
  });

  it('shows every kind of message as text', () => {
    const customer = make();
    const lines = customer.take(
      chat([
        said('1', { kind: 'media', media: 'image', url: 'https://x.test/a.png', caption: 'café' }),
        said('2', { kind: 'link', text: 'Paga', url: 'https://x.test/p', title: 'Pagar' }),
        said('3', { kind: 'location', latitude: 19.4, longitude: -99.1, name: 'Tienda' }),
        said('4', { kind: 'contact', name: 'Lucía', phone: '+525550000101' }),
        said('5', { kind: 'template', name: 'aviso', language: 'es', params: ['uno'] }),
      ]),
    );
    expect(lines.filter((line) => !line.includes('✓'))).toEqual([
      'Barista: [image] https://x.test/a.png',
      '  café',
      'Barista: Paga',
      '  [Pagar] https://x.test/p',
      'Barista: [location] Tienda · 19.4, -99.1',
      'Barista: [contact] Lucía +525550000101',
      'Barista: [template aviso] uno',
    ]);
  });
});
