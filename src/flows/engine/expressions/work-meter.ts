import { MAX_TURN_CPU_MS, MAX_TURN_WORK } from '../limits.js';
import { FlowFault } from '../fault.js';

/** About a millisecond of work lies between two looks at the clock. */
const LOOK_EVERY = 40_000;
/** Fewer than the formatters that are kept, so that what is known was not thrown away meanwhile. */
const MAX_KNOWN = 100;

/**
 * The turn took more processor time than it may. How fast a machine is belongs to no flow, so this is a failed try of
 * the turn, not something the flow did.
 */
export class TurnTimeError extends Error {
  constructor() {
    super(`the turn took more than ${MAX_TURN_CPU_MS} ms of processor time`);
  }
}

/**
 * What a turn has left. Work is counted, so that a repeated turn ends the same on every machine; the clock is the net
 * below it. Once spent it stays spent: an expression may swallow an error of its parts, never this one.
 */
export class WorkMeter {
  private used = 0;
  private unlooked = 0;
  private isLate = false;
  private end: Error | null = null;
  private readonly known = new Set<string>();
  private readonly startedMs: number;

  /** @param cpuMs processor time of this thread, in milliseconds */
  constructor(
    private readonly limit = MAX_TURN_WORK,
    private readonly cpuMs: () => number = threadCpuMs,
  ) {
    this.startedMs = cpuMs();
  }

  /** @throws FlowFault, TurnTimeError the turn has used up what it may */
  spend(units: number): void {
    this.used += units;
    this.unlooked += units;
    if (this.unlooked >= LOOK_EVERY) this.look();
    if (this.used > this.limit || this.isLate) this.stop();
  }

  /** @throws FlowFault, TurnTimeError it was used up before, whoever caught it then */
  assertLeft(): void {
    if (this.used > this.limit || this.isLate) this.stop();
  }

  get spent(): number {
    return this.used;
  }

  /** Whether the turn has not met it before, such as a currency, whose formatter is then made and kept. */
  isNew(name: string): boolean {
    if (this.known.has(name)) return false;
    if (this.known.size < MAX_KNOWN) this.known.add(name);
    return true;
  }

  private look(): void {
    this.unlooked = 0;
    if (this.cpuMs() - this.startedMs > MAX_TURN_CPU_MS) this.isLate = true;
  }

  private stop(): never {
    this.end ??= this.isLate
      ? new TurnTimeError()
      : new FlowFault('budget_work', 'its expressions compute too much for one turn', true);
    throw this.end;
  }
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
