import { expect, it } from 'vitest';
import { answerSerializer } from './answer-serializer.js';

it.each(['', '"1"\n{"name":"Café \\n ☕"}', '\n\n'])('keeps %j and what the cache says about it', (value) => {
  const entry = { value, createdAt: 1, logicalExpiration: 2, tags: ['a\nb'] };
  expect(answerSerializer.deserialize(answerSerializer.serialize(entry))).toEqual(entry);
});
