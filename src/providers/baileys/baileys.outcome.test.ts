import { describe, expect, it } from 'vitest';
import { BoomDouble } from '../../../test/support/baileys-double.js';
import { toLateRefusal, toLinkedOutcome } from './baileys.outcome.js';

describe('an error of a send', () => {
  it.each([
    [400, 'permanent'],
    [401, 'auth'],
    [403, 'auth'],
    [411, 'auth'],
    [428, 'retry'],
    [500, 'retry'],
  ])('%i is refused: %s', (code, rejection) => {
    expect(toLinkedOutcome(new BoomDouble('x', code))).toMatchObject({
      outcome: 'rejected',
      class: rejection,
      code: String(code),
    });
  });

  it.each([408, 503, 440, 515, undefined])('%s may have left: unknown', (code) => {
    expect(toLinkedOutcome(new BoomDouble('Timed Out', code))).toMatchObject({ outcome: 'unknown' });
  });

  it('of another kind is unknown, with its words', () => {
    expect(toLinkedOutcome(new TypeError('reading id'))).toEqual({ outcome: 'unknown', reason: 'reading id' });
    expect(toLinkedOutcome('odd')).toEqual({ outcome: 'unknown', reason: 'odd' });
    expect(toLinkedOutcome({ output: { statusCode: 'x' } })).toMatchObject({ outcome: 'unknown' });
  });

  it('of the upload comes before the message: tried again, then the file counts as wrong', () => {
    expect(toLinkedOutcome(new BoomDouble('Media upload failed on all hosts', 500))).toMatchObject({
      class: 'retry',
      code: 'UPLOAD_FAILED',
      maxRepeats: 3,
    });
  });
});

it('tells late refusals apart', () => {
  expect(toLateRefusal('463').class).toBe('failover');
  expect(toLateRefusal('479').class).toBe('permanent');
  expect(toLateRefusal('999')).toMatchObject({ code: '999', class: 'permanent' });
  expect(toLateRefusal(null).code).toBe('ERROR');
});
