import { expect, it } from 'vitest';
import { ExpressionCompiler, ExpressionError } from './expressions.js';
import { compileTemplate, show, splitTemplate } from './templates.js';

it.each([
  ['hola', ['hola']],
  ['{{ a }}', [{ expression: 'a' }]],
  ['a {{b}}{{ c }} d', ['a ', { expression: 'b' }, { expression: 'c' }, ' d']],
  ["{{ {'a': {'b': 1}}.size() }}!", [{ expression: "{'a': {'b': 1}}.size()" }, '!']],
  [`{{ '}}' + "}}" }}`, [{ expression: `'}}' + "}}"` }]],
  [String.raw`{{ 'it\'s }}' }}`, [{ expression: String.raw`'it\'s }}'` }]],
  ['} } {a}', ['} } {a}']],
])('splits %s', (source, expected) => {
  expect(splitTemplate(source)).toEqual(expected);
});

it.each(['a {{ b', 'a {{ b }', "{{ 'b }}"])('refuses %s, which is not closed', (source) => {
  expect(() => splitTemplate(source)).toThrow('{{ without }}');
});

it('tells all that is wrong in a text', () => {
  const compiler = new ExpressionCompiler({ cart: 'list' });
  expect(compileTemplate('{{ carr }} {{ cart }} {{ size(cart) }}', compiler)).toEqual({
    template: null,
    errors: ['carr: Unknown variable: carr', 'cart: a list cannot be shown as text'],
  });
  expect(compileTemplate('{{ size(cart) }} {{ ok', compiler).errors).toEqual(['{{ without }}']);
});

it('shows what people can read', () => {
  expect([null, undefined, 'a', 2.5, true].map(show)).toEqual(['', '', 'a', '2.5', 'true']);
  expect(() => show([])).toThrow(ExpressionError);
});
