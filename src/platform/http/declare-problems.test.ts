import type { OpenAPIObject } from '@nestjs/swagger';
import { describe, expect, it } from 'vitest';
import { declareProblems } from './declare-problems.js';
import { PROBLEMS_KEY } from './route-problems.js';

const documentOf = (...operations: object[]): OpenAPIObject => ({
  openapi: '3.1.0',
  info: { title: 'T', version: '1' },
  paths: Object.fromEntries(
    operations.map((operation, index) => [`/api/things/${index}`, { post: operation }]),
  ) as OpenAPIObject['paths'],
});
const declared = (document: OpenAPIObject) =>
  Object.values(document.paths).map((item) =>
    Object.fromEntries(
      Object.entries(item.post?.responses ?? {}).map(([status, response]) => [
        status,
        response && '$ref' in response ? response.$ref.split('/').at(-1) : 'its own',
      ]),
    ),
  );

describe('declareProblems', () => {
  it('writes what a route refuses with, and leaves no trace of how it was said', () => {
    const document = declareProblems(
      documentOf({ responses: {}, [PROBLEMS_KEY]: { 404: ['bot_not_found'], 409: ['bot_in_use: it has orders'] } }),
    );
    expect(declared(document)).toEqual([
      { 404: 'BotNotFound', 409: 'BotInUse', 503: 'DatabaseUnavailableOrStorageUnavailable' },
    ]);
    expect(JSON.stringify(document.paths)).not.toContain(PROBLEMS_KEY);
    expect(document.components?.responses?.['BotInUse']).toMatchObject({
      description: '`bot_in_use`: it has orders',
      content: {
        'application/problem+json': { example: { code: 'bot_in_use', status: 409, detail: 'it has orders' } },
      },
    });
  });

  it('adds what every route of its kind refuses with', () => {
    const parameters = ['if-match', 'Idempotency-Key'].map((name) => ({ name, in: 'header' }));
    const [route] = declared(
      declareProblems(
        documentOf({ responses: {}, parameters, requestBody: { content: {} }, security: [{ bearer: [] }] }),
      ),
    );
    expect(Object.keys(route ?? {})).toEqual(['400', '401', '403', '409', '412', '413', '415', '422', '429', '503']);
  });

  it('lets equal answers share one entry, and tells different reasons apart', () => {
    const asking = (reason: string) => ({ responses: {}, [PROBLEMS_KEY]: { 409: [`in_use${reason}`] } });
    const document = declareProblems(documentOf(asking(''), asking(''), asking(': by a bot')));
    expect(declared(document).map((route) => route['409'])).toEqual(['InUse', 'InUse', 'InUse2']);
  });

  it('leaves an answer alone that the route describes itself', () => {
    const own = { description: 'Degraded', content: { 'application/json': { schema: { type: 'object' } } } };
    expect(declared(declareProblems(documentOf({ responses: { 503: own } })))).toEqual([{ 503: 'its own' }]);
  });
});
