import type { RejectionClass } from '../whatsapp-provider.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

export type TwilioErrorRule = {
  /** `unknown`: the code itself says that nobody knows whether the message went out. */
  readonly class: RejectionClass | 'unknown';
  /** Least wait before the next try. */
  readonly retryAfterMs?: number;
  /** After so many repeats the message itself counts as wrong. */
  readonly maxRepeats?: number;
};

const AUTH: TwilioErrorRule = { class: 'auth' };
const FAILOVER: TwilioErrorRule = { class: 'failover' };
const PERMANENT: TwilioErrorRule = { class: 'permanent' };
const RECIPIENT: TwilioErrorRule = { class: 'recipient' };
const RETRY: TwilioErrorRule = { class: 'retry' };
const QUEUE_FULL: TwilioErrorRule = { class: 'rate', retryAfterMs: MINUTE_MS };
const TOO_FAST: TwilioErrorRule = { class: 'rate', retryAfterMs: SECOND_MS };

/** Provider reference, section 3.6. Codes at the end are WhatsApp's own, on Twilio's page of old codes. */
const CODES: readonly (readonly [TwilioErrorRule, readonly number[]])[] = [
  [AUTH, [20003, 21212, 21603, 21606, 21703, 21704, 21705, 30002]],
  [AUTH, [63001, 63002, 63007, 63008, 63020, 63022, 63051]],
  [FAILOVER, [21408, 21612, 63013, 63026]],
  [RETRY, [20500, 20503, 63009, 63010, 63012]],
  [{ class: 'retry', maxRepeats: 1 }, [30008, 63019, 63023, 63029, 63037]],
  [TOO_FAST, [20429, 63017, 63018]],
  [QUEUE_FULL, [21611, 30001, 30036]],
  [{ class: 'rate', retryAfterMs: 24 * HOUR_MS }, [63038]],
  [{ class: 'template' }, [63016]],
  [RECIPIENT, [21211, 21610, 21614, 30003, 30004, 30005, 30006, 30007]],
  [RECIPIENT, [63003, 63014, 63024, 63032, 63033]],
  [{ class: 'recipient', retryAfterMs: 24 * HOUR_MS }, [63049]],
  [PERMANENT, [20404, 21604, 21608, 21617, 21619, 21620, 21623, 21654, 21655, 21656]],
  [PERMANENT, [63005, 63015, 63021, 63025, 63027, 63028, 63030, 63031, 63034, 63040, 63041, 63042]],
  [{ class: 'unknown' }, [30410]],
  [{ class: 'template' }, [470]],
  [TOO_FAST, [429, 471]],
  [RECIPIENT, [1013, 1026]],
];

const BY_CODE: ReadonlyMap<number, TwilioErrorRule> = new Map(
  CODES.flatMap(([rule, codes]) => codes.map((code) => [code, rule] as const)),
);

/** The rule for a Twilio error code; undefined for a code the table does not know. */
export function findTwilioErrorRule(code: number): TwilioErrorRule | undefined {
  return BY_CODE.get(code);
}
