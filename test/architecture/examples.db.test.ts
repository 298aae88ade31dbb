import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { describeApi } from '../../src/platform/http/api-docs.js';
import { startTestApp, type TestApp } from '../support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

type Schema = { readonly example?: unknown; readonly examples?: readonly unknown[] };

it('every example in the description fits its own schema', () => {
  const schemas = (describeApi(app.app).components?.schemas ?? {}) as Record<string, Schema>;
  const text = JSON.stringify(schemas).replaceAll('#/components/schemas/', '#/$defs/');
  // Zod reads patterns without the flag that \p{…} needs.
  const local = JSON.parse(text, (key, value: unknown) =>
    key === 'pattern' && String(value).includes('\\p{') ? undefined : value,
  ) as typeof schemas;
  const misfits: string[] = [];
  let count = 0;
  for (const [name, { example, examples = [], ...schema }] of Object.entries(local)) {
    const given = example === undefined ? examples : [example, ...examples];
    if (given.length === 0) continue;
    const check = z.fromJSONSchema({ ...schema, $defs: local } as Parameters<typeof z.fromJSONSchema>[0]);
    for (const one of given) {
      count += 1;
      const { success, error } = check.safeParse(one);
      if (!success) misfits.push(`${name}: ${z.prettifyError(error)}`);
    }
  }
  expect(misfits).toEqual([]);
  expect(count).toBeGreaterThan(30);
});
