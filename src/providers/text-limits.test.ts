import { expect, it } from 'vitest';
import { FITS_EVERY_CONNECTION, textLimitOf } from './text-limits.js';

it('knows what a connection takes by its provider, and that nobody takes less than the least', () => {
  expect([textLimitOf('twilio'), textLimitOf('official'), textLimitOf('baileys')]).toEqual([1600, 4096, 4096]);
  expect([FITS_EVERY_CONNECTION, textLimitOf('constructor')]).toEqual([1600, 1600]);
});
