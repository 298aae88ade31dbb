import type { RateScope, RejectionClass } from '../whatsapp-provider.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

export type OfficialErrorRule = {
  readonly class: RejectionClass;
  /** Least wait before the next try. */
  readonly retryAfterMs?: number;
  /** Each further refusal multiplies the wait by this. */
  readonly waitGrowth?: number;
  /** After so many repeats the message itself counts as wrong. */
  readonly maxRepeats?: number;
  /** How long the number may write to nobody first. */
  readonly restrictsMs?: number;
  /** What a `rate` refusal slows. */
  readonly slows?: RateScope;
  /** Sending will not heal by itself. */
  readonly needsPerson?: true;
};

const RETRY: OfficialErrorRule = { class: 'retry' };
const RETRY_ONCE: OfficialErrorRule = { class: 'retry', maxRepeats: 1 };
const FAILOVER: OfficialErrorRule = { class: 'failover' };
const FAILOVER_ALERT: OfficialErrorRule = { class: 'failover', needsPerson: true };
const TEMPLATE: OfficialErrorRule = { class: 'template' };
const RECIPIENT: OfficialErrorRule = { class: 'recipient' };
const AUTH: OfficialErrorRule = { class: 'auth', needsPerson: true };
const PERMANENT: OfficialErrorRule = { class: 'permanent' };

/** Provider reference, section 2.6; waits from there and from 2.5. Codes at the end are of the on-premises API. */
const BY_CODE: ReadonlyMap<number, OfficialErrorRule> = new Map<number, OfficialErrorRule>([
  [0, AUTH],
  [1, RETRY_ONCE],
  [2, RETRY],
  [3, AUTH],
  [4, { class: 'rate', retryAfterMs: MINUTE_MS, waitGrowth: 2, slows: 'account' }],
  [10, AUTH],
  [33, AUTH],
  [100, PERMANENT],
  [190, AUTH],
  [368, { ...FAILOVER_ALERT, restrictsMs: 24 * HOUR_MS }],
  [80007, { class: 'rate', retryAfterMs: 5 * MINUTE_MS, waitGrowth: 2, slows: 'account' }],
  [130403, RECIPIENT],
  [130429, { class: 'rate', retryAfterMs: SECOND_MS, waitGrowth: 2, slows: 'number' }],
  [130472, RECIPIENT],
  [130497, FAILOVER],
  [131000, RETRY],
  [131005, AUTH],
  [131008, PERMANENT],
  [131009, PERMANENT],
  [131016, RETRY],
  [131021, PERMANENT],
  [131026, RECIPIENT],
  [131030, PERMANENT],
  [131031, AUTH],
  [131037, AUTH],
  [131042, FAILOVER_ALERT],
  [131045, AUTH],
  [131047, TEMPLATE],
  [131048, { class: 'rate', retryAfterMs: HOUR_MS, waitGrowth: 2, slows: 'number', needsPerson: true }],
  [131049, { class: 'recipient', retryAfterMs: 24 * HOUR_MS, waitGrowth: 2 }],
  [131050, RECIPIENT],
  [131051, PERMANENT],
  [131052, PERMANENT],
  [131053, RETRY_ONCE],
  [131055, PERMANENT],
  [131056, { class: 'rate', retryAfterMs: SECOND_MS, waitGrowth: 4, slows: 'pair' }],
  [131057, { class: 'retry', retryAfterMs: MINUTE_MS }],
  [131062, PERMANENT],
  [131063, PERMANENT],
  [131064, { ...FAILOVER_ALERT, restrictsMs: 24 * HOUR_MS }],
  [132000, PERMANENT],
  [132001, PERMANENT],
  [132005, PERMANENT],
  [132007, PERMANENT],
  [132008, PERMANENT],
  [132012, PERMANENT],
  [132015, PERMANENT],
  [132016, PERMANENT],
  [132018, PERMANENT],
  [132068, PERMANENT],
  [132069, { class: 'rate', retryAfterMs: 6 * MINUTE_MS, slows: 'account' }],
  [133000, AUTH],
  [133004, RETRY],
  [133005, AUTH],
  [133006, AUTH],
  [133008, AUTH],
  [133009, AUTH],
  [133010, AUTH],
  [133015, AUTH],
  [133016, AUTH],
  [134011, PERMANENT],
  [135000, PERMANENT],
  [137000, RECIPIENT],
  [2494100, { class: 'retry', retryAfterMs: MINUTE_MS }],
  [429, { class: 'rate', retryAfterMs: SECOND_MS, waitGrowth: 2, slows: 'number' }],
  [470, TEMPLATE],
  [471, { class: 'rate', retryAfterMs: HOUR_MS, waitGrowth: 2, slows: 'number', needsPerson: true }],
  [1013, RECIPIENT],
  [1026, RECIPIENT],
  [131014, PERMANENT],
]);

/** Inclusive ranges: permissions, marketing messages API, calling. */
const BY_RANGE: readonly (readonly [from: number, to: number, OfficialErrorRule])[] = [
  [200, 299, AUTH],
  [134100, 134199, PERMANENT],
  [138000, 138999, PERMANENT],
];

/** The rule for a Graph error code; undefined for a code the table does not know. */
export function findOfficialErrorRule(code: number): OfficialErrorRule | undefined {
  return BY_CODE.get(code) ?? BY_RANGE.find(([from, to]) => code >= from && code <= to)?.[2];
}
