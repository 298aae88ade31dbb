import { assert, constantFrom, jsonValue, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TURN_WORK } from '../limits.js';
import {
  evaluate,
  ExpressionCompiler,
  ExpressionError,
  ExpressionRunError,
  type ExpressionScope,
  fits,
} from './expressions.js';
import { WorkMeter } from './work-meter.js';

const compiler = () =>
  new ExpressionCompiler({ qty: 'int', total: 'double', name: 'string', cart: 'list', product: 'map', isNew: 'bool' });

const context = {
  qty: 3n,
  total: 12.5,
  name: 'José',
  cart: [
    { sku: 'A1', name: 'Huila', qty: 2, price: 1250 },
    { sku: 'B2', name: 'Nariño', qty: 1, price: 3000 },
  ],
  product: { sku: 'A1', price: 1250 },
  isNew: true,
  contact: { name: 'Ana', tags: ['vip'] },
  msg: { text: 'hola' },
  event: {},
  error: {},
  lang: 'es',
  now: new Date('2030-03-12T23:30:00Z'),
};

function run(source: string, { locale = 'es', left = MAX_TURN_WORK, timeZone = 'UTC', values = {} } = {}) {
  return evaluate(
    compiler().compile(source),
    { ...context, ...values },
    { locale, timeZone, work: new WorkMeter(left) },
  );
}

describe('values', () => {
  it.each([
    ['qty + 1', 4],
    ['product.price * qty', 3750],
    ['total * 2', 25],
    ['7 % 2.5', 2],
    ['product.price % 2', 0],
    ['product.price - 1', 1249],
    ['1 / 2.0', 0.5],
    ['size(cart)', 2],
    ["'vip' in contact.tags", true],
    ['cart.exists(line, line.qty >= 2) && isNew', true],
    ['cart.map(line, line.price * line.qty)', [2500, 3000]],
    ["cart + [{'sku': product.sku, 'qty': qty}]", [...context.cart, { sku: 'A1', qty: 3 }]],
    ["lines(cart.map(i, string(i.qty) + 'x ' + i.name))", '2x Huila\n1x Nariño'],
    ['lines([1, true, 2.5])', '1\ntrue\n2.5'],
    ['fold(name)', 'jose'],
    ['lower(name)', 'josé'],
    ["rx(msg.text, '^h.*a$')", true],
    ['now', '2030-03-12T23:30:00.000Z'],
    ['{"when": now}', { when: '2030-03-12T23:30:00.000Z' }],
    ['null', null],
    ['has(contact.phone) ? contact.phone : "none"', 'none'],
  ])('%s', (source, expected) => {
    expect(run(source)).toEqual(expected);
  });

  it('shows money in minor units, by locale and by the digits of the currency', () => {
    expect(run("money(123450, 'USD')", { locale: 'en' })).toBe('$1,234.50');
    expect(run("money(123450, 'BRL')", { locale: 'pt' })).toBe('R$ 1.234,50');
    expect(run("money(1500, 'CLP')", { locale: 'en' })).toBe('CLP 1,500');
    expect(run("money(product.price * 1000, 'COP')", { locale: 'en' })).toBe('COP 12,500');
    expect(run("money(12505, 'COP')", { locale: 'en' })).toBe('COP 125.05');
  });

  it('shows a date in the zone of the flow, a day without a time as that day', () => {
    expect(run('date(now)', { locale: 'en' })).toBe('Mar 12, 2030');
    expect(run('date(now)', { locale: 'en', timeZone: 'Asia/Tokyo' })).toBe('Mar 13, 2030');
    expect(run("date('2030-03-12')", { locale: 'en', timeZone: 'America/Bogota' })).toBe('Mar 12, 2030');
  });
});

describe('what is refused when a flow is published', () => {
  it.each([
    ['carr', /Unknown variable: carr/],
    ['qty +', /Unexpected token/],
    ["qty + 'a'", /no such overload: int \+ string/],
    ['nothing(qty)', /found no matching overload/],
    ["name.matches('^(a+)+$')", /matches/],
    ["contact.name.matches('a')", /matches/],
    ['cel.bind(x, name + name, x)', /bind/],
    ['cart.map(a, cart.map(b, cart.map(c, 1)))', /nested/],
    ['[1].map(a, a).map(a, a).map(a, a).map(a, a).map(a, a)', /macros/],
    [Array.from({ length: 120 }, () => 'qty').join(' + '), /parts/],
    [`name == '${'a'.repeat(2000)}'`, /longer than/],
    ['rx(name, name)', /written out/],
    ["rx(name, '(a')", /bad pattern/],
    [`rx(name, '${'a'.repeat(201)}')`, /longer than 200/],
    ["rx(name, '(a{500}b{500}){2}')", /repeat/],
    ["money(qty, 'pesos')", /capital/],
    ['item.x', /Unknown variable: item/],
  ])('%s', (source, message) => {
    expect(() => compiler().compile(source)).toThrow(ExpressionError);
    expect(() => compiler().compile(source)).toThrow(message);
  });

  it('lets two nested macros pass, also after a filter', () => {
    expect(run('cart.filter(a, a.qty > 0).map(a, cart.exists(b, b.sku == a.sku))')).toEqual([true, true]);
  });
});

describe('what is stopped while it runs', () => {
  it.each([
    ['contact.nope', /No such key: nope/],
    ['contact.constructor', /No such key/],
    ["contact['__proto__']", /No such key/],
    ['cart[7]', /index out of bounds/],
    ['qty / 0', /division by zero/],
    ['9007199254740993', /integer above/],
    ['1.0 / 0.0', /finite/],
  ])('%s', (source, message) => {
    expect(() => run(source)).toThrow(message);
  });

  it('stops lists above 500 and texts above their cap before they grow further', () => {
    const list = Array.from({ length: 300 }, (_, index) => index);
    expect(() => run('cart + cart', { values: { cart: list } })).toThrow(/list above 500/);
    expect(() => run("name.split('').size()", { values: { name: 'a'.repeat(600) } })).toThrow(/list above 500/);
    const doubling = '[name].map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a)';
    expect(() => run(doubling, { values: { name: 'a'.repeat(8000) } })).toThrow(/text above 65536/);
    expect(() => run('name + name', { values: { name: 'a'.repeat(8000) } })).toThrow(/text above 8192 bytes/);
    expect(() => run('contact.tags.map(a, a)', { values: { contact: { tags: Array(501).fill(0) } } })).toThrow(
      /above 500/,
    );
  });

  it('counts the work of macros, so that squared lists stop after the same number of steps everywhere', () => {
    const cart = Array.from({ length: 500 }, () => ({ a: 1 }));
    const squared = 'cart.exists(a, cart.exists(b, a.a + b.a == 3))';
    expect(() => run(squared, { values: { cart }, left: 10_000 })).toThrow(/compute too much/);
    expect(() => run('cart.exists(a, a.a == 2)', { values: { cart }, left: 10_000 })).not.toThrow();
  });

  it('runs a pattern made to explode in linear time', () => {
    const startedMs = performance.now();
    expect(run("rx(name, '^(a+)+$')", { values: { name: `${'a'.repeat(8000)}!` } })).toBe(false);
    expect(performance.now() - startedMs).toBeLessThan(500);
  });

  it('never throws anything but its own error, whatever the data', () => {
    const sources = [
      'cart.map(i, i.price * qty)',
      'product.price > 10',
      "'x' in contact.tags",
      'string(product.price)',
    ];
    assert(
      property(constantFrom(...sources), jsonValue(), jsonValue(), (source, one, two) => {
        try {
          run(source, { values: { product: { price: one }, cart: [one, two], contact: { tags: two } } });
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionRunError);
        }
      }),
    );
  });
});

describe('scopes', () => {
  it.each<[string, ExpressionScope]>([
    ['item.name + string(index)', 'option'],
    ["answer.endsWith('@example.com')", 'answer:string'],
    ['answer % 2 == 0', 'answer:int'],
    ['result.address', 'result'],
    ['response.body.items', 'response'],
  ])('%s is known in %s only', (source, scope) => {
    expect(compiler().compile(source, scope).source).toBe(source);
    expect(() => compiler().compile(source)).toThrow(/Unknown variable/);
  });

  it('compiles a text once per scope', () => {
    const one = compiler();
    expect(one.compile('qty + 1')).toBe(one.compile('qty + 1'));
    expect(one.compile('qty + 1', 'option')).not.toBe(one.compile('qty + 1'));
  });

  it('tells which variables are read, not those a macro binds', () => {
    expect([...compiler().compile('cart.map(i, i.qty + qty).size() + product.price').names].toSorted()).toEqual([
      'cart',
      'product',
      'qty',
    ]);
  });
});

it.each([
  ['int', 'double', true],
  ['double', 'int', false],
  ['list<int>', 'list', true],
  ['map<string, dyn>', 'map', true],
  ['dyn', 'bool', true],
  ['null', 'map', true],
  ['google.protobuf.Timestamp', 'string', true],
  ['string', 'bool', false],
] as const)('a %s fits a %s: %s', (type, wanted, expected) => {
  expect(fits(type, wanted)).toBe(expected);
});
