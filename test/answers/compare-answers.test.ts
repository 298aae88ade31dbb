import { expect, it } from 'vitest';
import { compareAnswers, type Described } from './compare-answers.js';

const problem = (...codes: string[]) => ({
  content: { 'application/problem+json': { schema: { allOf: [{}, { properties: { code: { enum: codes } } }] } } },
});
const document: Described = {
  paths: {
    '/api/bots/{id}': {
      get: { responses: { 200: {}, 404: { $ref: '#/components/responses/BotNotFound' } } },
      delete: { responses: { 204: {}, 409: problem('bot_in_use', 'bot_busy') } },
    },
  },
  components: { responses: { BotNotFound: problem('bot_not_found') } },
};

it('names what was answered and not declared, and what was declared and never answered', () => {
  const given = new Set([
    'GET /api/bots/{id} 200',
    'GET /api/bots/{id} 404 bot_not_found',
    'GET /api/bots/{id} 500 internal',
    'DELETE /api/bots/{id} 204',
    'DELETE /api/bots/{id} 409 bot_in_use',
    'GET /api/docs 200',
  ]);
  expect(compareAnswers(given, document)).toEqual({
    undeclared: ['GET /api/bots/{id} 500 internal'],
    unseen: ['DELETE /api/bots/{id} 409 bot_busy'],
  });
});
