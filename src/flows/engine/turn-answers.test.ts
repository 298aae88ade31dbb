import { describe, expect, it } from 'vitest';
import type { InboundContent } from '../../messages/message-content.js';
import { Chat } from '../../../test/support/flows/chat.js';
import { end, type Json, makeDoc } from '../../../test/support/flows/small-flows.js';

/** A flow that asks one thing, says what it understood and asks again. */
function asking(answer: Json, type: string, rest: Json = {}): Chat {
  const chat = Chat.of(
    makeDoc({
      time_zone: 'America/Bogota',
      vars: { it: { type } },
      anytime: [{ match: ['menú'], go: 'bye' }],
      start: 'q',
      steps: [
        {
          id: 'q',
          type: 'question',
          text: '¿Sí?',
          answer,
          save: 'it',
          retry: { max: 1, text: 'Otra vez', go: 'bye' },
          next: 'got',
          ...rest,
        },
        { id: 'got', type: 'set', set: {}, next: 'q' },
        end('bye'),
      ],
    }),
  );
  chat.say('hola');
  return chat;
}

const saved = (chat: Chat) => chat.state?.vars['it'];

describe('what each answer type saves', () => {
  const location = { latitude: 4.6, longitude: -74.1 };
  const media = { id: 'media-1', mimeType: 'image/png' };
  const order = { items: [{ sku: 'A', quantity: 2, itemPriceMinor: 100, currency: 'COP' }] };
  it.each<[string, Json, string, Partial<InboundContent>, unknown]>([
    ['text', { type: 'text', pattern: '[A-Z]{3}-[0-9]+' }, 'string', { text: ' ABC-12 ' }, 'ABC-12'],
    ['a whole number', { type: 'number', integer: true }, 'int', { text: '1.234' }, 1234],
    ['a number', { type: 'number', min: 0.5 }, 'double', { text: '0,5 kg' }, 0.5],
    ['e-mail', { type: 'email' }, 'string', { text: 'mi correo: <Ana@Example.com>.' }, 'ana@example.com'],
    ['phone, in the country of the contact', { type: 'phone' }, 'string', { text: '300 123 4567' }, '+573001234567'],
    [
      'phone, in the country said',
      { type: 'phone', country: 'BR' },
      'string',
      { text: '(11) 96123-4567' },
      '+5511961234567',
    ],
    ['date', { type: 'date' }, 'string', { text: 'mañana' }, '2030-03-13'],
    ['time', { type: 'time', min: '08:00', max: '18:00' }, 'string', { text: '5 pm' }, '17:00'],
    ['yes or no', { type: 'yes_no' }, 'bool', { text: 'dale' }, true],
    ['location', { type: 'location' }, 'map', { type: 'location', location }, { name: '', ...location }],
    [
      'media',
      { type: 'media', kinds: ['image'] },
      'map',
      { type: 'image', media },
      { kind: 'image', caption: '', filename: '', sha256: '', ...media },
    ],
    [
      'contact',
      { type: 'contact' },
      'map',
      { type: 'contacts', text: 'Luis +573001112233' },
      { text: 'Luis +573001112233' },
    ],
    ['order', { type: 'order' }, 'map', { type: 'order', order }, order],
    ['form', { type: 'form' }, 'map', { type: 'form', form: { size: 'M' } }, { size: 'M' }],
    ['any', { type: 'any' }, 'string', { type: 'audio', text: '🎤 0:12' }, '🎤 0:12'],
    [
      'choice with a value',
      {
        type: 'choice',
        options: [
          { id: 'a', title: 'A', value: 7 },
          { id: 'b', title: 'B', value: 9 },
        ],
      },
      'int',
      { text: 'b' },
      9,
    ],
    [
      'choices',
      {
        type: 'multi_choice',
        options: [
          { id: 'a', title: 'Ajo' },
          { id: 'b', title: 'Berro' },
          { id: 'c', title: 'Coco' },
        ],
      },
      'list',
      { text: 'ajo y coco' },
      ['a', 'c'],
    ],
    [
      'choice from a list',
      {
        type: 'choice',
        from: '[{"k": 5, "n": 1.5}, {"k": 6, "n": 2}]',
        option: { id: 'item.k', title: "'x' + string(index)" },
      },
      'map',
      { choiceId: '6', type: 'choice' },
      { k: 6, n: 2 },
    ],
    [
      'choice from a list, with a value',
      { type: 'choice', from: '["b", "a"]', option: { id: 'item', title: 'item', value: '{"n": index}' } },
      'map',
      { text: 'a' },
      { n: 1 },
    ],
  ])('%s', (_, answer, type, content, expected) => {
    const chat = asking(answer, type);
    chat.send(content);
    expect(saved(chat)).toEqual(expected);
    expect(chat.step).toBe('q');
  });
});

describe('what is no answer', () => {
  it.each<[string, Json, string, Partial<InboundContent>]>([
    ['a text too short', { type: 'text', min_len: 3 }, 'string', { text: ' ab ' }],
    ['a text of another pattern', { type: 'text', pattern: 'a+' }, 'string', { text: 'aab' }],
    ['a text above 8 KiB', { type: 'text' }, 'string', { text: '漢'.repeat(4000) }],
    ['a picture for a text', { type: 'text' }, 'string', { type: 'image', text: 'foto' }],
    ['a part for a whole number', { type: 'number', integer: true }, 'int', { text: '2,5' }],
    ['a number below', { type: 'number', min: 1 }, 'double', { text: '0' }],
    ['a number above', { type: 'number', max: 20 }, 'double', { text: '21' }],
    ['two e-mails', { type: 'email' }, 'string', { text: 'a@b.co c@d.co' }],
    ['an e-mail without a domain', { type: 'email' }, 'string', { text: 'ana@casa' }],
    ['a phone of no country', { type: 'phone', country: 'CO' }, 'string', { text: '12' }],
    ['a day that is gone', { type: 'date' }, 'string', { text: 'ayer' }],
    ['a day too late', { type: 'date', max: '2030-04-01' }, 'string', { text: '2030-04-02' }],
    ['a time too early', { type: 'time', min: '08:00' }, 'string', { text: '7:59' }],
    ['perhaps', { type: 'yes_no' }, 'bool', { text: 'quizás' }],
    ['a text for a location', { type: 'location' }, 'map', { text: 'aquí' }],
    [
      'a video for a picture',
      { type: 'media', kinds: ['image'] },
      'map',
      { type: 'video', media: { id: 'm', mimeType: 'v' } },
    ],
    ['a text for a contact', { type: 'contact' }, 'map', { text: 'Luis' }],
    ['a text for an order', { type: 'order' }, 'map', { text: 'dos cafés' }],
    ['a text for a form', { type: 'form' }, 'map', { text: 'M' }],
    [
      'a form too large',
      { type: 'form' },
      'map',
      { type: 'form', form: { all: Array.from({ length: 501 }, () => 1) } },
    ],
    ['an unsupported message', { type: 'text' }, 'string', { type: 'unsupported', text: '?' }],
    [
      'too many choices',
      {
        type: 'multi_choice',
        max: 1,
        options: [
          { id: 'a', title: 'Ajo' },
          { id: 'b', title: 'Berro' },
        ],
      },
      'list',
      { text: '1,2' },
    ],
  ])('%s', (_, answer, type, content) => {
    const chat = asking(answer, type);
    expect(chat.send(content)[0]).toMatch(/^Otra vez/);
    expect(saved(chat)).toBeUndefined();
    chat.send(content);
    expect(chat.last?.outcome).toBe('ended');
  });

  it('takes a day that is gone where the past is fine', () => {
    const chat = asking({ type: 'date', past_ok: true }, 'string');
    chat.say('ayer');
    expect(saved(chat)).toBe('2030-03-11');
  });

  it.each(['reaction', 'edit', 'revoke', 'system'] as const)('lets a %s be, with the question still open', (type) => {
    const chat = asking({ type: 'any' }, 'string');
    expect(chat.send({ type, text: 'x' })).toEqual([]);
    expect(chat.state?.n.turns).toBe(1);
    expect(chat.last?.trace).toEqual([{ kind: 'ignored', flow: 'tiny', step: 'q', detail: 'message' }]);
  });

  it('waits for the content of an empty placeholder', () => {
    const chat = asking({ type: 'any' }, 'string');
    expect(chat.send({ text: '', isPlaceholder: true })).toEqual([]);
    expect(chat.say('hola')).toHaveLength(1);
  });
});

describe('the question', () => {
  it('is skipped by a word, which puts the variable back to its default', () => {
    const chat = asking({ type: 'email', skip: ['Omitir'] }, 'string');
    chat.say('a@b.co');
    expect(saved(chat)).toBe('a@b.co');
    expect(chat.say('¡omitir!')).toEqual(['¿Sí?']);
    expect(saved(chat)).toBeUndefined();
  });

  it('says why a check refused the answer, and counts it', () => {
    const check = { type: 'number', integer: true, check: 'answer % 2 == 0', error: 'Par, por favor' };
    const chat = asking(check, 'int');
    expect(chat.say('3')).toEqual(['Par, por favor']);
    expect(chat.say('x')).toEqual([]);
    expect(chat.last?.outcome).toBe('ended');
    const other = asking(check, 'int');
    other.say('4');
    expect(saved(other)).toBe(4);
  });

  it('shows the choices again with the retry text, on the page they were', () => {
    const list = `[${Array.from({ length: 12 }, (_, index) => `"t${index}"`).join(',')}]`;
    const chat = asking({ type: 'choice', from: list, option: { id: 'item', title: 'item' }, button: 'Ver' }, 'string');
    expect(chat.tap('__more')).toEqual(['¿Sí? [t9 | t10 | t11 | Más…]']);
    expect(chat.say('nada')).toEqual(['Otra vez [t9 | t10 | t11 | Más…]']);
    expect(chat.tap('__more')).toEqual([expect.stringMatching(/^¿Sí\? \[t0 /)]);
    expect(chat.last?.effects).toMatchObject([{ content: { button: 'Ver' } }]);
    chat.say('t10');
    expect(saved(chat)).toBe('t10');
  });

  it('numbers the options of several choices in the text', () => {
    const chat = asking(
      { type: 'multi_choice', from: "['a', 'a', 'b']", option: { id: 'item', title: 'item' } },
      'list',
    );
    expect(chat.say('x')).toEqual(['Otra vez\n1. a\n2. b']);
  });

  it('keeps anytime words for itself where it is not to be interrupted, and where one of its options is tapped', () => {
    const loud = asking({ type: 'text' }, 'string');
    loud.say('Menu');
    expect(loud.last?.outcome).toBe('ended');
    const quiet = asking({ type: 'text' }, 'string', { interruptible: false });
    quiet.say('Menu');
    expect(saved(quiet)).toBe('Menu');
    const options = asking({ type: 'choice', options: [{ id: 'm', title: 'Menú' }] }, 'string');
    options.tap('m', 'Menú');
    expect(saved(options)).toBe('m');
    options.tap('old', 'Menú');
    expect(options.last?.outcome).toBe('ended');
    const yesNo = asking({ type: 'yes_no' }, 'bool');
    yesNo.tap('yes', 'Menú');
    expect(saved(yesNo)).toBe(true);
  });

  it('starts its clock anew with every message, and says only the last of several reminders that are due', () => {
    const chat = asking({ type: 'number' }, 'double', {
      remind: [
        { after: '20m', text: 'R2' },
        { after: '10m', text: 'R1' },
      ],
      timeout: { after: '30m', go: 'bye' },
    });
    expect(chat.later(10)).toEqual(['R1']);
    expect(chat.last?.wakeAtMs).toBe(chat.nowMs + 10 * 60_000);
    expect(chat.say('x')).toEqual(['Otra vez']);
    expect(chat.later(25)).toEqual(['R2']);
    expect(chat.last?.wakeAtMs).toBe(chat.nowMs + 5 * 60_000);
    expect(chat.later(5)).toEqual([]);
    expect(chat.last?.outcome).toBe('ended');
  });

  it('calls a person after three wrong answers when it does not say where to go', () => {
    const chat = asking({ type: 'number' }, 'double', { retry: undefined });
    expect(chat.say('x')).toEqual(['No entendí tu respuesta. ¿Puedes intentarlo de nuevo?']);
    chat.say('x');
    chat.say('x');
    expect(chat.last).toMatchObject({ mode: 'human', fault: { code: 'no_answer', step: 'q' } });
  });
});
