import { expect, it } from 'vitest';
import { ask, end, errorsOf, type Json, makeDoc, problemsOf, set } from '../../../test/support/flows/small-flows.js';
import { shopCatalogue } from '../../../test/support/flows/shop-catalogue.js';
import { addressFlow } from '../../../test/support/flows/shop-flow.js';
import { flowDocumentSchema } from './flow-document.js';
import { validateFlow } from './validate.js';

it('E107 warns of a variable that some way has not set, and not of one that all ways have', () => {
  const steps = [
    { id: 'hi', type: 'decision', rules: [{ when: 'b', go: 'set1' }], else: 'show' },
    set('set1', { a: '1', c: '1' }, 'show'),
    { id: 'show', type: 'message', text: '{{ a }} {{ d }}', next: 'set2' },
    set('set2', { a: '1' }, 'again'),
    { id: 'again', type: 'message', text: '{{ a }} {{ passed }}', next: 'bye' },
    end('bye'),
  ];
  const vars = {
    a: { type: 'int' },
    b: { type: 'bool' },
    c: { type: 'int' },
    d: { type: 'int', default: 1 },
    passed: { type: 'int' },
  };
  expect(problemsOf(makeDoc({ vars, steps }))).toEqual([
    'E107 show steps[2]: a may not be set yet when this step reads it',
  ]);
});

it('E108 and W201 warn where a conversation could wait for ever or show personal data', () => {
  const doc = makeDoc({
    vars: { email: { type: 'string', pii: true, default: '' } },
    steps: [
      {
        id: 'hi',
        type: 'question',
        text: 'a?',
        answer: { type: 'any' },
        remind: [{ after: '1d', text: 'b?' }],
        next: 'h',
      },
      { id: 'h', type: 'handoff', note: 'mail {{ email }}', resume: 'hi' },
    ],
  });
  expect(validateFlow(doc).publishable).not.toBeNull();
  expect(problemsOf(doc)).toEqual([
    'E108 hi steps[0].remind[0]: later than 23h: WhatsApp takes only templates then',
    'E108 hi steps[0].retry: no `retry` with `max` and `go`: after three wrong answers a person takes over',
    'W201 h steps[1].timeout: no `timeout`: the customer waits until a person comes',
    'W201 h steps[1].note: email is personal data and goes into a note',
    'W201 null steps: no `end` is ever reached: sessions stay open until they expire',
  ]);
});

it('E109 and E110 name texts missing for a language and texts longer than WhatsApp shows', () => {
  const long = 'x'.repeat(25);
  const doc = makeDoc({
    locales: ['es', 'en'],
    steps: [
      { id: 'hi', type: 'message', text: { es: 'hola a todo el mundo', fr: 'salut' }, next: 'same' },
      { id: 'same', type: 'message', text: { es: 'hola a todo el mundo', en: 'hola a todo el mundo' }, next: 'one' },
      { id: 'one', type: 'message', text: 'hola', next: 'none' },
      { id: 'none', type: 'message', text: '{{ contact.name }} 🙂', next: 'q' },
      ask(
        'q',
        {
          type: 'choice',
          options: [
            { id: 'a', title: { es: long, en: 'ok' } },
            { id: 'b', title: { es: 'x'.repeat(21), en: 'ok' } },
          ],
        },
        { text: { es: 'y'.repeat(1025), en: '{{ contact.name }}?' }, next: 'bye' },
      ),
      end('bye'),
    ],
  });
  expect(problemsOf(doc)).toEqual([
    'E109 hi steps[0].text: the text for en is missing',
    'E109 hi steps[0].text.fr: fr is not among the locales',
    'E109 same steps[1].text.en: the same as in es',
    'E109 one steps[2].text: one text for es, en: give one per language',
    'E110 q steps[4].text.es: 1025 characters; WhatsApp shows 1024 here',
    'E110 q steps[4].answer.options[0].title.es: 25 characters; WhatsApp shows 20 here',
    'E110 q steps[4].answer.options[1].title.es: 21 characters; WhatsApp shows 20 here',
  ]);
});

it('E111 names unknown actions, inputs, error codes and connections', () => {
  const action = (id: string, name: string, next: string, inputs: Json, on: Json = {}) => {
    return { id, type: 'action', action: name, with: inputs, on, next };
  };
  const doc = makeDoc({
    start: 'a',
    steps: [
      action('a', 'cart.addd', 'b', {}),
      action(
        'b',
        'cart.add',
        'c',
        { sku: "'x'", colour: "'red'" },
        { sold_out: 'bye', out_of_stock: 'bye', timeout: 'bye' },
      ),
      { id: 'c', type: 'api', request: { connection: 'nope', method: 'GET', path: '/' }, next: 'bye' },
      end('bye'),
    ],
  });
  expect(problemsOf(doc, shopCatalogue)).toEqual([
    'E111 a steps[0].action: there is no action cart.addd',
    'E111 b steps[1].with: cart.add needs quantity',
    'E111 b steps[1].with.colour: cart.add does not take colour',
    'E111 b steps[1].on.sold_out: cart.add never fails with sold_out',
    'E111 c steps[2].request.connection: there is no connection nope',
  ]);
  expect(errorsOf(doc)).toEqual([]);
});

it('E112 names flows that are not there, call each other in a circle, or get what they do not know', () => {
  const calls = (flow: string, ...targets: string[]) =>
    flowDocumentSchema.parse({
      ...makeDoc({ flow, start: 's0' }),
      steps: [
        ...targets.map((target, index) => ({
          id: `s${index}`,
          type: 'subflow',
          flow: target,
          with: {},
          next: `s${index + 1}`,
        })),
        end(`s${targets.length}`),
      ],
    });
  const flows = new Map(
    [calls('b', 'c'), calls('c', 'a'), ...Array.from({ length: 9 }, (_, n) => calls(`deep${n}`, `deep${n + 1}`))].map(
      (doc) => [doc.flow, doc],
    ),
  );
  flows.set('ask_address', addressFlow);
  const found = errorsOf(
    {
      ...calls('a', 'a', 'b', 'nope', 'deep0', 'ask_address'),
      steps: [
        ...calls('a', 'a', 'b', 'nope', 'deep0').steps.slice(0, 4),
        { id: 's4', type: 'subflow', flow: 'ask_address', with: { street: "''" }, next: 's5' },
        end('s5'),
      ],
    },
    { flows },
  );
  expect(found).toEqual([
    'E112 s0 steps[0].flow: a flow cannot call itself',
    'E112 s1 steps[1].flow: calls itself: a → b → c → a',
    'E112 s2 steps[2].flow: there is no published flow nope',
    expect.stringMatching(/^E112 s3 steps\[3\]\.flow: calls more than 8 deep: a → deep0 → /),
    'E112 s4 steps[4].with.street: ask_address has no variable street',
  ]);
});
