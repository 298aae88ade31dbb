const WINDOW_MS = 1000;
const PER_TENANT = 20;
const PER_PROCESS = 300;

/**
 * Bounds what a process tells in a second: of one tenant, and of all together. Each event is a NOTIFY where processes
 * tell each other, beside the messages themselves.
 */
export class LiveRate {
  private readonly counts = new Map<string, number>();
  private startedMs = Number.NEGATIVE_INFINITY;
  private all = 0;

  /** @returns false for what is one too many */
  take(tenantId: string, nowMs: number): boolean {
    if (nowMs - this.startedMs >= WINDOW_MS) {
      this.counts.clear();
      this.all = 0;
      this.startedMs = nowMs;
    }
    const count = this.counts.get(tenantId) ?? 0;
    if (count >= PER_TENANT || this.all >= PER_PROCESS) return false;
    this.counts.set(tenantId, count + 1);
    this.all += 1;
    return true;
  }
}
