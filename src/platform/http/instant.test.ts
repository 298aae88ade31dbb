import { expect, it } from 'vitest';
import { instant } from './instant.js';

it.each(['0001-01-01T00:00:00Z', '2026-03-02T15:00:00.123456-06:00', '9999-12-31T23:59:59.999Z'])(
  'takes %s',
  (text) => {
    expect(instant.parse(text)).toBe(text);
  },
);

it.each(['0000-01-01T00:00:00Z', '0001-01-01T00:00:00+12:00', '2026-01-01T00:00:00+23:59', '2026-01-01', 'ayer'])(
  'refuses %s',
  (text) => {
    expect(instant.safeParse(text).error?.issues).toHaveLength(1);
  },
);
