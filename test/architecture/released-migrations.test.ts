import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Of each migration's text without its imports, which may move: SHA-256, the first 16 digits. */
const RELEASED: Readonly<Record<string, string>> = {
  '1764000000001-tenancy': 'd1083913d3c8a2de',
  '1764000000002-flows-and-bots': '834e0dff542fefde',
  '1764000000003-commerce': '77efd7b947e849ab',
  '1764000000004-message-path': '45b75b08d4457da7',
  '1764000000005-message-log': '28a137c9a393bbca',
  '1764000000006-idempotency': '689b775978c131a5',
  '1764000000007-api-keys': '2bf1775b13ba90b0',
  '1764000000010-linked-devices': 'fdad601236665f5f',
  '1764000000011-linked-sessions': 'a19e36416e32af14',
  '1764000000012-routing': 'c570596aca0a59bc',
  '1764000000013-media': 'e84366c7425f91e0',
  '1764000000014-identity': 'f1c35954f423dde3',
  '1764000000015-accounts': 'f2e6285362e54b84',
  '1764000000016-catalogue': 'bc88d82d0324f777',
  '1764000000017-selling': '893d7bd1b8874484',
  '1764000000018-outgoing-webhooks': 'f0636e695d89073f',
  '1764000000019-orders-and-contacts': 'a44938f4fb788366',
};

it('no released migration is edited: whoever has run it would never get the change', () => {
  const found = Object.fromEntries(
    readdirSync('migrations').map((file) => [file.replace(/\.ts$/, ''), checksumOf(`migrations/${file}`)]),
  );
  const changed = Object.keys(RELEASED).filter((name) => found[name] !== RELEASED[name]);
  const unlisted = Object.keys(found).filter((name) => !(name in RELEASED));
  expect(
    changed,
    `Put the file back as it was and write a new migration. One that is released now gets its line in RELEASED:\n` +
      unlisted.map((name) => `  '${name}': '${found[name]}',`).join('\n'),
  ).toEqual([]);
});

function checksumOf(path: string): string {
  const lines = readFileSync(path, 'utf8').split('\n');
  const text = lines.filter((line) => !line.startsWith('import ')).join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
