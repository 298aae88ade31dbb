import { expect, it } from 'vitest';
import { compileFlow, FlowCompileError } from './compile.js';
import { ask, errorsOf, makeDoc, set } from '../../../test/support/flows/small-flows.js';
import { flowDocumentSchema } from './flow-document.js';

it('E106 names every expression that is wrong, in conditions, assignments, texts, options and checks', () => {
  const doc = makeDoc({
    locales: ['es', 'en'],
    vars: { cart: { type: 'list' }, qty: { type: 'int' }, name: { type: 'string' }, ok: { type: 'bool' } },
    events: [{ event: 'x', where: 'evnt.id == 1', go: 'bye' }],
    steps: [
      { id: 'hi', type: 'message', text: { es: 'A {{ carr }} y {{ nam }}', en: 'B {{ cart }}' }, next: 's' },
      set('s', { qty: "'a'", cart: 'qty', total: '1', name: 'name +', lang: '7' }, 'd'),
      {
        id: 'd',
        type: 'decision',
        rules: [
          { when: 'qty', go: 'q' },
          { when: "name.matches('a')", go: 'q' },
        ],
        else: 'q',
      },
      ask(
        'q',
        { type: 'choice', from: 'qty', option: { id: 'itm.id', title: 'item.x' } },
        { text: { es: '¿a?', en: 'b?' }, next: 'n' },
      ),
      ask(
        'n',
        { type: 'number', check: 'answer.size() > 1' },
        { text: { es: '¿a?', en: 'b?' }, save: 'ok', next: 'y' },
      ),
      ask('y', { type: 'yes_no' }, { text: { es: '¿a?', en: 'b?' }, save: 'nope', next: 'api' }),
      {
        id: 'api',
        type: 'api',
        request: { connection: 'c', method: 'GET', path: '/{{ idd }}', query: { a: 'lines(1)' } },
        save: { qty: 'result' },
        next: 'p',
      },
      ask('p', { type: 'text', pattern: '(a' }, { text: { es: '¿a?', en: 'b?' }, next: 'bye' }),
      { id: 'bye', type: 'end', keep: ['qty', 'gone'] },
    ],
  });
  expect(errorsOf(doc).map((problem) => problem.replace(/, got.*/, ''))).toEqual([
    'E106 null events[0].where: evnt.id == 1: Unknown variable: evnt',
    'E106 hi steps[0].text.es: carr: Unknown variable: carr',
    'E106 hi steps[0].text.es: nam: Unknown variable: nam',
    'E106 hi steps[0].text.en: cart: a list cannot be shown as text',
    "E106 s steps[1].set.qty: 'a': is a string, but qty needs a int",
    'E106 s steps[1].set.cart: qty: is a int, but cart needs a list',
    'E106 s steps[1].set.total: the variable total is not declared in vars',
    'E106 s steps[1].set.name: name +: Unexpected token: EOF',
    'E106 s steps[1].set.lang: 7: is a int, but lang needs a string',
    'E106 d steps[2].rules[0].when: qty: is a int, but this place needs a bool',
    "E106 d steps[2].rules[1].when: name.matches('a'): `matches` is not allowed; use rx(text, 'pattern')",
    'E106 q steps[3].answer.from: qty: is a int, but this place needs a list',
    'E106 q steps[3].answer.option.id: itm.id: Unknown variable: itm',
    expect.stringMatching(/^E106 n steps\[4\]\.answer\.check: answer\.size\(\) > 1: found no matching overload/),
    'E106 api steps[6].request.path: idd: Unknown variable: idd',
    expect.stringMatching(/^E106 api steps\[6\]\.request\.query\.a: lines\(1\): found no matching overload/),
    'E106 api steps[6].save.qty: result: Unknown variable: result',
    'E106 n steps[4].save: the answer is a double, but ok is a bool',
    'E106 y steps[5].save: the variable nope is not declared in vars',
    'E106 p steps[7].answer.pattern: bad pattern: error parsing regexp: missing closing ): `(a`',
    'E106 bye steps[8].keep[1]: the variable gone is not declared in vars',
  ]);
});

it('refuses to compile a document that was never right, and tells why', () => {
  const document = flowDocumentSchema.parse(makeDoc({ vars: {}, steps: [set('hi', { n: '1' }, 'hi')] }));
  expect(() => compileFlow(document)).toThrow(FlowCompileError);
  expect(() => compileFlow(document)).toThrow('hi steps[0].set.n: the variable n is not declared in vars');
});

it('keeps what it compiled and knows nothing else', () => {
  const flow = compileFlow(flowDocumentSchema.parse(makeDoc({ anytime: [{ match: ['¡Menú!'], go: 'bye' }] })));
  expect(flow.template('hola').parts).toEqual(['hola']);
  expect(flow.anytime.get('menu')).toBe('bye');
  expect(() => flow.template('adiós')).toThrow('No text');
  expect(() => flow.expression('1', 'base')).toThrow('No expression');
});
