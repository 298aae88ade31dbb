import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeApi } from '../../src/platform/http/api-docs.js';
import { startTestApp, type TestApp } from '../support/app.js';

type Schema = { readonly example?: unknown; readonly examples?: readonly unknown[] };

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** Zod reads a pattern without its `u` flag, where a class such as \p{L} says nothing. */
const withoutClasses = (key: string, value: unknown) =>
  key === 'pattern' && String(value).includes('\\p{') ? undefined : value;

describe('the examples of openapi.json', () => {
  it('are what their schemas say', () => {
    const schemas = JSON.parse(JSON.stringify(describeApi(app.app).components?.schemas ?? {})) as Record<
      string,
      Schema
    >;
    const local = JSON.stringify(schemas).replaceAll('#/components/schemas/', '#/$defs/');
    const wrong: string[] = [];
    let count = 0;
    for (const [name, { example, examples = [] }] of Object.entries(schemas)) {
      const given = example === undefined ? examples : [example, ...examples];
      if (given.length === 0) continue;
      const whole = { $ref: `#/$defs/${name}`, $defs: JSON.parse(local, withoutClasses) } as Parameters<
        typeof z.fromJSONSchema
      >[0];
      const schema = z.fromJSONSchema(whole);
      for (const each of given) {
        count += 1;
        const { success, error } = schema.safeParse(each);
        if (!success) wrong.push(`${name}: ${z.prettifyError(error)}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(30);
  });
});
