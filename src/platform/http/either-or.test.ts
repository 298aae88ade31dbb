import { expect, it } from 'vitest';
import { AT_LEAST_ONE_OF, EXACTLY_ONE_OF, spellOutChoice } from './either-or.js';

const schema = {
  type: 'object',
  properties: { to: {}, text: {}, content: {} },
  required: ['to'],
  additionalProperties: false,
  example: { to: 'a', text: 'b' },
};

it('makes an object of which one member or another is given a choice of two objects', () => {
  expect(spellOutChoice({ ...schema, [EXACTLY_ONE_OF]: ['text', 'content'] })).toEqual({
    oneOf: [
      { type: 'object', properties: { to: {}, text: {} }, required: ['to', 'text'], additionalProperties: false },
      { type: 'object', properties: { to: {}, content: {} }, required: ['to', 'content'], additionalProperties: false },
    ],
    example: schema.example,
  });
});

it('leaves every member where several may be given, and an object without a choice as it is', () => {
  const { anyOf = [] } = spellOutChoice({ ...schema, [AT_LEAST_ONE_OF]: ['text', 'content'] });
  expect(anyOf).toMatchObject([
    { properties: schema.properties, required: ['to', 'text'] },
    { properties: schema.properties, required: ['to', 'content'] },
  ]);
  expect(spellOutChoice(schema)).toEqual(schema);
});
