import { expect, it } from 'vitest';
import { assertRevision, etagOf, RevisionMismatchError } from './etag.js';
import { decodeCursor, encodeCursor, pageQuerySchema, toPage } from './page.js';

it('cuts a page and points at the row where the next one starts', () => {
  const rows = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
  const page = toPage(rows, 2, ({ id }) => [id]);
  expect(page.items).toEqual([{ id: 'a' }, { id: 'b' }]);
  expect(decodeCursor(page.nextCursor ?? '')).toEqual(['b']);
  expect(toPage(rows, 3, ({ id }) => [id]).nextCursor).toBeNull();
});

it('carries keys through a cursor unchanged and refuses one it did not make', () => {
  expect(decodeCursor(encodeCursor(['2026-01-01', 7]))).toEqual(['2026-01-01', 7]);
  for (const broken of ['nonsense', encodeCursor([]), Buffer.from('{"a":1}').toString('base64url')])
    expect(() => decodeCursor(broken)).toThrow(/Not a cursor/);
});

it('bounds the page size', () => {
  expect(pageQuerySchema.parse({})).toEqual({ limit: 20 });
  expect(pageQuerySchema.safeParse({ limit: '101' }).success).toBe(false);
  expect(pageQuerySchema.safeParse({ limit: '5', nope: '1' }).success).toBe(false);
});

it('lets an edit through only on the revision it was made on', () => {
  assertRevision(undefined, 3);
  assertRevision('*', 3);
  assertRevision(etagOf(3), 3);
  expect(() => assertRevision('"2"', 3)).toThrow(RevisionMismatchError);
});
