import { describe, expect, it } from 'vitest';
import { Chat, seen } from '../../../test/support/flows/chat.js';
import { flowOf, type Json, say, set } from '../../../test/support/flows/small-flows.js';
import { isAwaitingEffect } from './session-state.js';

const talk = (steps: Json[], rest: Json = {}) => Chat.of(flowOf(steps, rest));
const listen = { id: 'w', type: 'wait', for: '30d', next: 'bye' };

describe('message', () => {
  it('sends a file that was uploaded by its id', () => {
    const mediaId = '3f0d3f6e-6b0a-4d6e-9d8e-0a7f4a1f2b3c';
    const file = { kind: 'image', url: `media:${mediaId}` };
    const chat = talk([{ id: 'a', type: 'message', text: 'Mira', media: file, next: 'bye' }]);
    const { effects } = chat.turn({ kind: 'message', id: 'm1', content: { type: 'text', text: 'hola' } });
    expect(effects[0]).toMatchObject({ content: { kind: 'media', media: 'image', mediaId, caption: 'Mira' } });
    expect(effects[0]).not.toHaveProperty('content.url');
  });

  it('sends each kind of content, a short text as the caption of its picture', () => {
    const chat = talk([
      {
        id: 'a',
        type: 'message',
        text: 'Mira',
        media: { kind: 'image', url: 'https://x.example/{{ contact.id }}.png' },
        next: 'b',
      },
      { id: 'b', type: 'message', text: 'Oye', media: { kind: 'audio', url: 'https://x.example/a.ogg' }, next: 'c' },
      {
        id: 'c',
        type: 'message',
        location: { latitude: 4.6, longitude: -74, name: 'Tienda', address: 'Calle 1' },
        next: 'd',
      },
      { id: 'd', type: 'message', contact: { name: 'Luis', phone: '{{ contact.phone }}' }, next: 'e' },
      { id: 'e', type: 'message', template: { name: 'late', params: ['{{ contact.name }}'] }, next: 'f' },
      { id: 'f', type: 'message', text: 'Oferta', buttons: [{ id: 'x', title: 'Ver' }], next: 'g' },
      {
        id: 'g',
        type: 'message',
        media: { kind: 'document', url: 'https://x.example/a', caption: 'Recibo', filename: 'a.pdf' },
        next: 'bye',
      },
    ]);
    expect(chat.say('hola')).toEqual([
      'image https://x.example/c1.png Mira',
      'audio https://x.example/a.ogg',
      'Oye',
      'location {"latitude":4.6,"longitude":-74,"name":"Tienda","address":"Calle 1"}',
      'contact {"name":"Luis","phone":"+573001234567"}',
      'template {"name":"late","language":"es","params":["Ana"]}',
      'Oferta [Ver]',
      'document https://x.example/a Recibo',
    ]);
    expect(chat.last?.effects.map((effect) => 'resend' in effect && effect.resend)).toEqual(
      'auto auto auto auto auto never auto auto'.split(' '),
    );
  });

  it('cuts a text that came out too long, between characters, and leaves out an empty one', () => {
    const chat = talk([
      { id: 'a', type: 'message', text: '{{ msg.text }}{{ msg.text }}', next: 'b' },
      { id: 'b', type: 'message', text: '{{ contact.email }}', next: 'bye' },
    ]);
    const [text, ...rest] = chat.say('🙂'.repeat(1500));
    expect(text).toHaveLength(4095);
    expect(text?.isWellFormed()).toBe(true);
    expect(rest).toEqual([]);
  });
});

describe('decision and set', () => {
  it('takes the first true rule, else the other way, and computes all before it assigns', () => {
    const chat = talk(
      [
        set('a', { x: 'y + 1', y: 'x + 10', t: "'dyn'" }, 'b'),
        {
          id: 'b',
          type: 'decision',
          rules: [
            { when: 'x > 1', go: 'big' },
            { when: 'y == 10', go: 'ten' },
          ],
          else: 'big',
        },
        { id: 'ten', type: 'message', text: '{{ x }} {{ y }} {{ t }} {{ d }} {{ l.size() }} {{ b }}', next: 'w' },
        say('big', 'bye'),
        listen,
      ],
      {
        vars: {
          x: { type: 'int' },
          y: { type: 'int' },
          t: { type: 'string' },
          d: { type: 'double', default: 0.5 },
          l: { type: 'list' },
          b: { type: 'bool' },
        },
      },
    );
    expect(chat.say('hola')).toEqual(['1 10 dyn 0.5 0 false']);
  });

  it('sends a session always the same way of a split, and sessions in the wanted shares', () => {
    const document = flowOf([
      {
        id: 'a',
        type: 'decision',
        split: [
          { percent: 20, go: 'few' },
          { percent: 80, go: 'many' },
        ],
      },
      { ...say('few', 'bye'), text: 'few' },
      { ...say('many', 'bye'), text: 'many' },
    ]);
    const chat = Chat.of(document);
    const ways = Array.from({ length: 500 }, () => chat.say('hola')[0]);
    const few = ways.filter((way) => way === 'few').length;
    expect(few).toBeGreaterThan(60);
    expect(few).toBeLessThan(140);
  });
});

describe('api', () => {
  const api = (request: Json, rest: Json = {}) =>
    talk(
      [
        {
          id: 'a',
          type: 'api',
          request: { connection: 'shop', method: 'GET', path: '/', ...request },
          save: { got: 'response.body' },
          next: 'said',
          ...rest,
        },
        { id: 'said', type: 'message', text: '{{ got.name }}', next: 'w' },
        { id: 'gone', type: 'message', text: '{{ error.code }} {{ error.message }}', next: 'w' },
        listen,
      ],
      { vars: { got: { type: 'map' } }, anytime: [{ match: ['zz'], go: 'gone' }] },
    );

  it('asks with values percent-encoded, headers on one line, a body and time for the retries', () => {
    const chat = api(
      {
        method: 'POST',
        path: '/p/{{ msg.text }}?a=1',
        query: { q: "'a&b'", n: 'size(msg.text)', none: 'null' },
        headers: { 'X-Who': '{{ contact.name }}\nHost: evil' },
        body: { text: 'msg.text', list: '[1, 2]' },
      },
      { deadline: '5s', retry: { max: 2, backoff: '1s' } },
    );
    expect(chat.say('á/b')).toEqual(['POST shop /p/%C3%A1%2Fb?a=1&q=a%26b&n=3']);
    expect(chat.last?.effects).toMatchObject([
      {
        headers: { 'X-Who': 'Ana Host: evil' },
        body: { text: 'á/b', list: [1, 2] },
        timeoutMs: 5000,
        retry: { max: 2, backoffMs: 1000 },
        deadlineMs: chat.nowMs + 15_000 + 15_000 + 3000,
      },
    ]);
    expect(isAwaitingEffect(chat.state)).toBe(true);
    expect(chat.last?.wakeAtMs).toBe(chat.nowMs + 33_000);
  });

  it('may send a body of one expression', () => {
    const chat = api({ method: 'PUT', body: "{'a': [msg.text]}" });
    chat.say('x');
    expect(chat.last?.effects).toMatchObject([{ body: { a: ['x'] } }]);
  });

  it('goes on with what came, whatever answers were late', () => {
    const chat = api({});
    chat.say('hola');
    chat.turn({ kind: 'result', effectId: 'another', ok: true, output: {} });
    expect(chat.last?.trace).toMatchObject([{ kind: 'ignored', detail: 'result' }]);
    expect(chat.succeed({ status: 200, body: { name: 'Huila' } })).toEqual(['Huila']);
    const late = chat.last?.state;
    chat.turn({ kind: 'result', effectId: 'e', ok: false, error: 'timeout' });
    expect(chat.last?.state).toEqual(late);
  });

  it.each([
    [{ 404: 'gone' }, { status: 404, message: 'Not found' }, 'error', ['error Not found']],
    [{ '5xx': 'gone', error: 'said' }, { status: 503 }, 'error', ['error ']],
    [{ error: 'gone' }, {}, 'boom', ['boom ']],
  ])('goes by %j', (on, more, code, expected) => {
    const chat = api({}, { on });
    chat.say('hola');
    expect(chat.fails(code, more)).toEqual(expected);
  });

  it('goes on by timeout when no answer comes in time, and then does not take one', () => {
    const chat = api({}, { on: { timeout: 'gone' } });
    chat.say('hola');
    const effectId = chat.pending();
    expect(chat.later(0.4)).toEqual([]);
    expect(chat.later(0.1)).toEqual(['timeout ']);
    expect(seen(chat.turn({ kind: 'result', effectId, ok: true, output: { body: {} } }).effects)).toEqual([]);
    expect(chat.step).toBe('w');
  });
});

describe('wait', () => {
  it('rests for a while or until a moment, and goes on at once when that has gone by', () => {
    const chat = talk([
      { id: 'a', type: 'wait', for: '2h', next: 'b' },
      { id: 'b', type: 'wait', until: "now + duration('1h')", next: 'c' },
      { id: 'c', type: 'wait', until: '0', next: 'd' },
      { ...say('d', 'e'), text: 'ya' },
      { id: 'e', type: 'wait', until: "'2030-03-13T00:00:00Z'", next: 'bye' },
    ]);
    chat.say('hola');
    expect(chat.last?.wakeAtMs).toBe(chat.nowMs + 7_200_000);
    expect(chat.say('¿sigues?')).toEqual([]);
    expect(chat.later(120)).toEqual([]);
    expect(chat.last?.wakeAtMs).toBe(chat.nowMs + 3_600_000);
    expect(chat.later(60)).toEqual(['ya']);
    expect(chat.last?.wakeAtMs).toBe(Date.parse('2030-03-13T00:00:00Z'));
  });

  it('saves what an event brings, and lets events pass that lack what it looks for', () => {
    const chat = talk(
      [
        {
          id: 'a',
          type: 'wait',
          event: 'paid',
          where: 'event.ref == 7',
          save: { amount: 'event.amountMinor' },
          timeout: { after: '1d', go: 'bye' },
          next: 'b',
        },
        { id: 'b', type: 'message', text: "{{ money(amount, 'USD') }}", next: 'bye' },
      ],
      { vars: { amount: { type: 'int' } } },
    );
    chat.say('hola');
    expect(chat.happen('paid')).toEqual([]);
    expect(chat.happen('other', { ref: 7 })).toEqual([]);
    expect(chat.happen('paid', { ref: 7, amountMinor: 1250 })).toEqual(['$12.50']);
  });

  it('ends where its timeout says', () => {
    const chat = talk([
      { id: 'a', type: 'wait', event: 'paid', timeout: { after: '1d', go: 'b' }, next: 'b' },
      { ...say('b', 'bye'), text: 'fin' },
    ]);
    chat.say('hola');
    expect(chat.later(24 * 60)).toEqual(['fin']);
  });
});

describe('events of the flow', () => {
  const events = [{ event: 'cart.left', where: 'event.items > 0', go: 'b' }];
  const steps = [{ id: 'a', type: 'wait', for: '1d', next: 'bye' }, { ...say('b', 'w'), text: 'Tu carrito' }, listen];

  it('start a session, or lead a running one elsewhere', () => {
    const chat = talk(steps, { events: [...events, { event: 'bye', go: 'bye' }] });
    expect(chat.happen('unknown')).toEqual([]);
    expect(chat.happen('cart.left', { items: 0 })).toEqual([]);
    expect(chat.state).toBeNull();
    expect(chat.happen('cart.left', { items: 2 })).toEqual(['Tu carrito']);
    const other = talk(steps, { events: [...events, { event: 'bye', go: 'bye' }] });
    other.say('hola');
    expect(other.happen('cart.left', { items: 0 })).toEqual([]);
    expect(other.happen('cart.left', {})).toEqual([]);
    expect(other.happen('cart.left', { items: 1 })).toEqual(['Tu carrito']);
  });
});
