import { describe, expect, it } from 'vitest';
import { UnroutableEventError } from './ingest-event.js';
import { isOfTheMoment, isRefusal } from './store-errors.js';

const sqlError = (code: string) => Object.assign(new Error(code), { code });

describe('errors of the store', () => {
  it.each([new UnroutableEventError('gone'), sqlError('23503'), sqlError('22P05')])('refuses for good: %s', (error) => {
    expect(isRefusal(error)).toBe(true);
    expect(isOfTheMoment(error)).toBe(false);
  });

  it.each(['55P03', '40P01', '53200'])('may go better next time: %s', (code) => {
    expect(isRefusal(sqlError(code))).toBe(false);
    expect(isOfTheMoment(sqlError(code))).toBe(true);
  });

  it('knows nothing of other errors', () => {
    for (const error of [new Error('bug'), 'text', null]) {
      expect(isRefusal(error)).toBe(false);
      expect(isOfTheMoment(error)).toBe(false);
    }
  });
});
