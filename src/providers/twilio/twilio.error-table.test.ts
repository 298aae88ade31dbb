import { describe, expect, it } from 'vitest';
import { findTwilioErrorRule } from './twilio.error-table.js';

/** Provider reference, section 3.6, row by row. */
const TABLE: Readonly<Record<string, readonly number[]>> = {
  auth: [20003, 21212, 21603, 21606, 21703, 21704, 21705, 30002, 63001, 63002, 63007, 63008, 63020, 63022, 63051],
  failover: [21408, 21612, 63013, 63026],
  retry: [20500, 20503, 30008, 63009, 63010, 63012, 63019, 63023, 63029, 63037],
  rate: [20429, 21611, 30001, 30036, 63017, 63018, 63038, 429, 471],
  template: [63016, 470],
  recipient: [
    21211, 21610, 21614, 30003, 30004, 30005, 30006, 30007, 63003, 63014, 63024, 63032, 63033, 63049, 1013, 1026,
  ],
  permanent: [
    20404, 21604, 21608, 21617, 21619, 21620, 21623, 21654, 21655, 21656, 63005, 63015, 63021, 63025, 63027, 63028,
    63030, 63031, 63034, 63040, 63041, 63042,
  ],
  unknown: [30410],
};

describe('Twilio error codes', () => {
  it.each(Object.entries(TABLE).flatMap(([name, codes]) => codes.map((code) => [code, name] as const)))(
    '%d is of class %s',
    (code, name) => {
      expect(findTwilioErrorRule(code)?.class).toBe(name);
    },
  );

  it.each([
    [20429, 1000],
    [63018, 1000],
    [21611, 60_000],
    [63038, 86_400_000],
    [63049, 86_400_000],
  ])('%d waits at least %d ms', (code, waitMs) => {
    expect(findTwilioErrorRule(code)?.retryAfterMs).toBe(waitMs);
  });

  it('repeats once where a second refusal proves the message wrong', () => {
    for (const code of [30008, 63019, 63023, 63029, 63037]) expect(findTwilioErrorRule(code)?.maxRepeats).toBe(1);
    expect(findTwilioErrorRule(63009)?.maxRepeats).toBeUndefined();
  });

  it.each([11200, 11205, 11217, 11237, 12300, 0, 99_999])('%d is no rule about a message', (code) => {
    expect(findTwilioErrorRule(code)).toBeUndefined();
  });
});
