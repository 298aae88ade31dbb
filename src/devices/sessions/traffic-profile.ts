import { z } from 'zod';

const HOUR_MS = 3_600_000;
const HOURS_OF_WEEK = 168;
/** What the newest week weighs against all before it. */
const NEWEST_SHARE = 0.3;

const storedSchema = z.object({
  rates: z.array(z.number().min(0)).length(HOURS_OF_WEEK),
  weeks: z.array(z.int().min(0)).length(HOURS_OF_WEEK),
});
export type StoredTraffic = z.infer<typeof storedSchema>;

/**
 * How many messages a number usually gets in each hour of the week: of whole hours in which its session was open from
 * end to end, so that an outage does not teach it that silence is usual.
 */
export class TrafficProfile {
  private readonly rates: number[];
  private readonly weeks: number[];
  /** The hour being counted, in hours since 1970; null until the first whole one begins. */
  private hour: number | null = null;
  private count = 0;

  constructor(stored: object | null = null) {
    const { data } = storedSchema.safeParse(stored);
    this.rates = data ? [...data.rates] : Array.from({ length: HOURS_OF_WEEK }, () => 0);
    this.weeks = data ? [...data.weeks] : Array.from({ length: HOURS_OF_WEEK }, () => 0);
  }

  /** The session is open again: counting begins with the next whole hour. */
  begin(now: Date): void {
    this.hour = Math.ceil(now.getTime() / HOUR_MS);
    this.count = 0;
  }

  note(at: Date, messages: number): void {
    this.roll(at);
    if (this.hour !== null && at.getTime() >= this.hour * HOUR_MS) this.count += messages;
  }

  /** Puts whole hours that are over into the profile. @returns whether there was one */
  roll(now: Date): boolean {
    if (this.hour === null) return false;
    const current = Math.floor(now.getTime() / HOUR_MS);
    let isChanged = false;
    for (; this.hour < current; this.hour += 1) {
      this.learn(this.hour % HOURS_OF_WEEK, this.count);
      this.count = 0;
      isChanged = true;
    }
    return isChanged;
  }

  /** How many messages would usually have come between the two; hours never seen count as quiet. */
  expected(from: Date, to: Date): number {
    let sum = 0;
    const last = Math.floor(to.getTime() / HOUR_MS);
    // A week of silence says all there is to say.
    const first = Math.max(Math.floor(from.getTime() / HOUR_MS), last - HOURS_OF_WEEK);
    for (let hour = first; hour <= last; hour += 1) {
      const begins = Math.max(from.getTime(), hour * HOUR_MS);
      const ends = Math.min(to.getTime(), (hour + 1) * HOUR_MS);
      sum += (this.rates[hour % HOURS_OF_WEEK] ?? 0) * Math.max(0, (ends - begins) / HOUR_MS);
    }
    return sum;
  }

  toJSON(): StoredTraffic {
    return { rates: this.rates.map((rate) => Math.round(rate * 100) / 100), weeks: this.weeks };
  }

  private learn(slot: number, count: number): void {
    const weeks = this.weeks[slot] ?? 0;
    const before = this.rates[slot] ?? 0;
    this.rates[slot] = weeks === 0 ? count : before * (1 - NEWEST_SHARE) + count * NEWEST_SHARE;
    this.weeks[slot] = weeks + 1;
  }
}
