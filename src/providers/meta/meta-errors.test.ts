import { describe, expect, it } from 'vitest';
import type { RejectionClass } from '../whatsapp-provider.js';
import { findOfficialErrorRule } from './meta-errors.js';

/** Every row of the provider reference, section 2.6, written down a second time on purpose. */
const EXPECTED: readonly (readonly [RejectionClass, readonly number[]])[] = [
  ['auth', [0, 3, 10, 33, 190, 200, 230, 299, 131005, 131031, 131037, 131045]],
  ['auth', [133000, 133005, 133006, 133008, 133009, 133010, 133015, 133016]],
  ['retry', [1, 2, 131000, 131016, 131053, 131057, 133004, 2494100]],
  ['rate', [4, 80007, 130429, 131048, 131056, 132069, 429, 471]],
  ['failover', [368, 130497, 131042, 131064]],
  ['template', [131047, 470]],
  ['recipient', [130403, 130472, 131026, 131049, 131050, 137000, 1013, 1026]],
  ['permanent', [100, 131008, 131009, 131021, 131030, 131051, 131052, 131055, 131062, 131063, 131014]],
  ['permanent', [132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018, 132068]],
  ['permanent', [134011, 134100, 134199, 135000, 138000, 138015]],
];

describe('Graph error table', () => {
  it.each(EXPECTED.flatMap(([expected, codes]) => codes.map((code) => [code, expected] as const)))(
    'INV-5: %d means %s',
    (code, expected) => {
      expect(findOfficialErrorRule(code)?.class).toBe(expected);
    },
  );

  it.each([-1, 5, 199, 300, 131001, 134012, 999999])('knows nothing of %d', (code) => {
    expect(findOfficialErrorRule(code)).toBeUndefined();
  });

  it('gives every rate refusal a wait and says what to slow', () => {
    for (const code of EXPECTED.filter(([expected]) => expected === 'rate').flatMap(([, codes]) => codes)) {
      const rule = findOfficialErrorRule(code);
      expect(rule?.retryAfterMs, String(code)).toBeGreaterThan(0);
      expect(rule?.slows, String(code)).toBeDefined();
    }
  });

  it('waits 4^X seconds for one chat and leaves the others alone', () => {
    expect(findOfficialErrorRule(131056)).toEqual({ class: 'rate', retryAfterMs: 1000, waitGrowth: 4, slows: 'pair' });
  });

  it('repeats once where a second refusal proves the message wrong', () => {
    expect(findOfficialErrorRule(1)?.maxRepeats).toBe(1);
    expect(findOfficialErrorRule(131053)?.maxRepeats).toBe(1);
    expect(findOfficialErrorRule(131000)?.maxRepeats).toBeUndefined();
  });

  it('asks for a person where sending cannot heal by itself', () => {
    for (const code of [190, 368, 131042, 131048, 131064, 133010]) {
      expect(findOfficialErrorRule(code)?.needsPerson, String(code)).toBe(true);
    }
    expect(findOfficialErrorRule(131026)?.needsPerson).toBeUndefined();
  });
});
