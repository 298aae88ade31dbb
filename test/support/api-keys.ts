import type { Shop, TestApp } from './app.js';

export type MadeKey = {
  readonly id: string;
  readonly key: string;
  readonly prefix: string;
  readonly expiresAt: string;
  /** Calls the API as the program that has this key. */
  readonly call: Shop['call'];
};

/** A new API key of the shop, made by its owner. */
export async function makeKey(
  app: TestApp,
  shop: Shop,
  permissions: readonly string[],
  more: { expiresInDays?: number } = {},
): Promise<MadeKey> {
  const made = await shop.call('POST', '/api/api-keys', { name: 'Tienda en línea', permissions, ...more });
  if (made.status !== 201) throw new Error(`No key made: ${JSON.stringify(made.body)}`);
  return { ...made.body, call: callWithKey(app, made.body.key) };
}

export function callWithKey(app: TestApp, key: string): Shop['call'] {
  return (method, path, body, headers = {}) =>
    app.call(method, path, body, { authorization: `Bearer ${key}`, ...headers });
}
