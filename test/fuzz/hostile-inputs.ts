import fc from 'fast-check';

const STRINGS = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'a\udfff',
  '\u202e\u0301\ufeff',
  '👩‍👩‍👧'.repeat(40),
  'x'.repeat(20_000),
  "'; drop table tenant; --",
  '%',
  '\\',
  '../../etc/passwd',
  '{{ msg.text }}',
  '<script>alert(1)</script>',
  '__proto__',
  'null',
  'NaN',
  'infinity',
  '-1',
  '1e309',
  '99999999999999999999',
  '9999-99-99',
  '0000-01-01T00:00:00Z',
  '0000-01-01T00:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
  '+275760-09-13T00:00:00.000Z',
  '2024-02-30T00:00:00Z',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
];

const NUMBERS = [0, -0, -1, 0.1, 1.5, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63, -(2 ** 63), 1e21, 1e308, 5e-324];

const deep = (depth: number): unknown => (depth === 0 ? 1 : [deep(depth - 1)]);

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...STRINGS),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'binary-ascii', maxLength: 30 }),
);

export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(...NUMBERS, null, true, false, [], {}, [null], { a: { b: [] } }, deep(200)),
  fc.jsonValue({ maxDepth: 3 }),
);

type Change =
  | { readonly kind: 'replace'; readonly at: number; readonly value: unknown }
  | { readonly kind: 'drop'; readonly at: number }
  | { readonly kind: 'add'; readonly at: number; readonly key: string; readonly value: unknown };

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('replace' as const), at: fc.nat(), value: hostile }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), at: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      at: fc.nat(),
      key: fc.constantFrom('tenantId', 'id', '', '__proto__', 'constructor', '\u0000', '💥'),
      value: hostile,
    }),
  },
);

/** A valid value, or one with up to two of its members replaced, left out or added; now and then anything at all. */
export function nearly(valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const changed = fc
    .tuple(valid, fc.array(change, { minLength: 1, maxLength: 2 }))
    .map(([value, changes]) => changes.reduce<unknown>(apply, value));
  return fc.oneof(
    { weight: 4, arbitrary: valid },
    { weight: 5, arbitrary: changed },
    { weight: 1, arbitrary: hostile },
  );
}

type Place = { readonly holder: Record<string, unknown>; readonly key: string };

function apply(value: unknown, { at, ...what }: Change): unknown {
  const copy: unknown = structuredClone(value);
  const places = placesIn(copy);
  const place = places[at % Math.max(1, places.length)];
  if (!place) return what.kind === 'replace' ? what.value : copy;
  if (what.kind === 'replace') define(place.holder, place.key, what.value);
  else if (what.kind === 'add') define(place.holder, what.key, what.value);
  else Reflect.deleteProperty(place.holder, place.key);
  return copy;
}

/** `__proto__` as a member, not as the prototype. */
function define(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
}
