import { z } from 'zod';
import { TrafficProfile } from './traffic-profile.js';

/**
 * Open, and nothing comes in. A session can hang like that without any error: the socket lives, the keys or the server's
 * route to this device do not. What is done about it, each time when that much more silence is still unusual:
 *
 *   probe ── ask the server something, show the device as present
 *   reconnect ── a new socket
 *   move ── a new socket under a fresh lease, in another process where there is one
 *   tell ── a person, once
 *
 * Every message that comes in begins anew. A number with little or no traffic never looks unusual; it is only probed,
 * and connected again when the server does not answer.
 */
export const HEALING_STEPS = ['probe', 'reconnect', 'move', 'tell'] as const;
export type HealingStep = (typeof HEALING_STEPS)[number];

const MINUTE_MS = 60_000;
const ROUTINE_PROBE_MS = 10 * MINUTE_MS;
/** Messages missing before the first step: with that many expected, silence has a chance of less than 1 in 100. */
const MISSING_AT_FIRST = 5;
const LEAST_SILENCE_MS = 10 * MINUTE_MS;
/** Messages missing since the last step, and the least time it is given to work. */
const MISSING_NEXT = 3;
const LEAST_STEP_MS = 5 * MINUTE_MS;

const healingSchema = z.object({ done: z.int().min(0).max(HEALING_STEPS.length), at: z.coerce.date() });

export class SilenceWatch {
  readonly profile: TrafficProfile;
  private lastInboundAt: Date;
  private lastProbeAt: Date;
  /** Steps taken in this silence, and when the last one was: kept with the session, because `move` ends this object. */
  private healing: { done: number; at: Date } | null;

  constructor(stored: object | null, now: Date) {
    this.profile = new TrafficProfile(stored);
    const healing = stored && 'healing' in stored ? healingSchema.safeParse(stored.healing).data : undefined;
    this.healing = healing ?? null;
    this.lastInboundAt = now;
    this.lastProbeAt = now;
  }

  opened(now: Date): void {
    this.profile.begin(now);
    this.lastInboundAt = now;
    this.lastProbeAt = now;
  }

  inbound(now: Date, messages: number): void {
    this.profile.note(now, messages);
    this.lastInboundAt = now;
    this.lastProbeAt = now;
    this.healing = null;
  }

  /** What to do now; the step counts as taken. */
  check(now: Date): HealingStep | null {
    const step = HEALING_STEPS[this.healing?.done ?? 0];
    if (step && this.isDue(now)) {
      this.healing = { done: (this.healing?.done ?? 0) + 1, at: now };
      this.lastProbeAt = now;
      return step;
    }
    if (now.getTime() - this.lastProbeAt.getTime() < ROUTINE_PROBE_MS) return null;
    this.lastProbeAt = now;
    return 'probe';
  }

  toJSON(): object {
    return { ...this.profile.toJSON(), ...(this.healing ? { healing: this.healing } : {}) };
  }

  private isDue(now: Date): boolean {
    const since = this.healing ? later(this.healing.at, this.lastInboundAt) : this.lastInboundAt;
    const leastMs = this.healing ? LEAST_STEP_MS : LEAST_SILENCE_MS;
    const missing = this.healing ? MISSING_NEXT : MISSING_AT_FIRST;
    return now.getTime() - since.getTime() >= leastMs && this.profile.expected(since, now) >= missing;
  }
}

function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}
