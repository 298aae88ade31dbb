import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeApi } from '../../src/platform/http/api-docs.js';
import { startTestApp, type TestApp } from '../support/app.js';

type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly example?: unknown;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly [member: string]: unknown;
};
type Content = Readonly<Record<string, { readonly schema?: Schema; readonly example?: unknown }>>;
type Operation = {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly 'x-permission'?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema?: Schema;
    readonly example?: unknown;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
};
type Document = {
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

let app: TestApp;
let api: Document;
let operations: readonly Operation[];
let schemas: Readonly<Record<string, Schema>>;
beforeAll(async () => {
  app = await startTestApp();
  api = JSON.parse(JSON.stringify(describeApi(app.app)));
  operations = Object.values(api.paths).flatMap((item) => Object.values(item));
  schemas = api.components.schemas;
});
afterAll(() => app.close());

const nameIn = (reference = '') => reference.split('/').at(-1) ?? '';
const resolve = (schema: Schema) => (schema.$ref === undefined ? schema : (schemas[nameIn(schema.$ref)] ?? schema));
const isShown = (content: Content = {}) =>
  Object.entries(content).every(
    ([type, { schema = {}, example }]) =>
      !type.endsWith('json') || example !== undefined || resolve(schema).example !== undefined,
  );

/** The schema and all below it, each with the name of the component it lies in. */
function* below(schema: unknown, seen = new Set<string>()): Generator<Schema> {
  if (typeof schema !== 'object' || schema === null) return;
  yield schema as Schema;
  const { $ref, example: _, ...rest } = schema as Schema;
  const name = nameIn($ref);
  if ($ref !== undefined && !seen.has(name)) yield* below(schemas[name], seen.add(name));
  for (const member of Object.values(rest)) yield* below(member, seen);
}

describe('openapi.json, for people', () => {
  it('says of every operation what it does, in one line', () => {
    expect(operations.length).toBeGreaterThan(140);
    expect(operations.filter(({ summary = '' }) => summary.length < 4).map(({ operationId }) => operationId)).toEqual(
      [],
    );
    expect(operations.filter(({ summary = '' }) => summary.length > 120).map(({ summary }) => summary)).toEqual([]);
  });

  it('shows an example of every body, answer and path', () => {
    const bare = operations.filter(({ requestBody, responses, parameters = [] }) => {
      const answers = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      const ids = parameters.filter((parameter) => parameter.in === 'path');
      return (
        !isShown(requestBody?.content) ||
        !answers.every(([, { content }]) => isShown(content)) ||
        !ids.every(({ example }) => example !== undefined)
      );
    });
    expect(bare.map(({ operationId }) => operationId)).toEqual([]);
  });

  it('describes every tag', () => {
    const used = new Set(operations.flatMap(({ tags = [] }) => tags));
    expect(api.tags.map(({ name }) => name)).toEqual([...used].toSorted());
    expect(api.tags.filter(({ description }) => description.length < 10)).toEqual([]);
  });

  it('says what takes no token', () => {
    const open = operations.filter(({ security }) => security?.length === 0);
    expect(open.length).toBeGreaterThan(10);
    expect(operations.filter((operation) => operation['x-permission'] === undefined)).toEqual(open);
  });
});

describe('openapi.json, for generators', () => {
  it('has booleans as booleans', () => {
    const flags = operations.flatMap(({ parameters = [] }) =>
      parameters.filter(({ schema }) => schema?.type === 'boolean').map(({ name }) => name),
    );
    expect([...new Set(flags)].toSorted()).toEqual([
      'active',
      'archived',
      'dryRun',
      'lowStock',
      'parked',
      'unanswered',
    ]);
  });

  it('requires in no request what has a default', () => {
    const strict = operations.flatMap(({ operationId, requestBody }) =>
      [...below(requestBody)].flatMap(({ properties = {}, required = [] }) =>
        Object.entries(properties)
          .filter(([name, schema]) => schema.default !== undefined && required.includes(name))
          .map(([name]) => `${operationId}: ${name}`),
      ),
    );
    expect(strict).toEqual([]);
  });

  it('offers a choice of whole objects where a body has one member or another', () => {
    for (const [name, choices] of [
      ['SendMessage', ['message', 'content']],
      ['Reply', ['text', 'content']],
    ] as const) {
      const either = (schemas[name]?.['oneOf'] ?? []) as Schema[];
      expect([name, either.map(({ required }) => required?.at(-1))]).toEqual([name, choices]);
    }
    expect(JSON.stringify(api)).not.toMatch(/x-(exactly|at-least)-one-of|x-tag-description/);
  });

  it('has no pattern that looks ahead or behind, which the regular expressions of Go and Rust cannot', () => {
    const patterns = JSON.stringify(api).match(/"pattern":"(?:[^"\\]|\\.)*"/g) ?? [];
    expect(patterns.length).toBeGreaterThan(100);
    expect(patterns.filter((pattern) => /\(\?<?[=!]/.test(pattern))).toEqual([]);
  });

  /** A generator names an object inside another after both: `Contact` and its `fields` are `ContactFields`. */
  it('gives no schema the name that a generator makes for another', () => {
    const made = Object.entries(schemas).flatMap(([name, { properties = {} }]) =>
      Object.entries(properties)
        .filter(([, { type }]) => type === 'object')
        .map(([member]) => `${name}${member[0]?.toUpperCase()}${member.slice(1)}`),
    );
    expect(made.filter((name) => schemas[name] !== undefined)).toEqual([]);
  });

  it('has an example of a connection that the server takes', async () => {
    const shop = await app.openShop();
    const { body: bot } = await shop.call('POST', '/api/bots', { name: 'Aurora' });
    const example = schemas['CreateConnection']?.example;
    expect((await shop.call('POST', `/api/bots/${bot.id}/connections`, example)).status).toBe(201);
  });
});

describe('Swagger UI', () => {
  it('keeps the token over a reload, and filters', async () => {
    const { body } = await app.call('GET', '/api/docs/swagger-ui-init.js');
    expect(String(body)).toMatch(/"persistAuthorization": true/);
    expect(String(body)).toMatch(/"filter": true/);
  });
});
