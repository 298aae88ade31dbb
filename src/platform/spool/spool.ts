import { randomBytes } from 'node:crypto';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { serial } from '../loops/serial.js';
import { isProcessAlive } from './process-alive.js';
import { Segment } from './segment.js';

const HOST = hostname().replaceAll(/[^A-Za-z0-9-]/g, '') || 'host';
/** A live owner touches its files more often than this. */
const ABANDONED_AFTER_MS = 60_000;

/**
 * Events on the disk while Postgres is down: `<dataDir>/<name>/<time>-<host>-<pid>-<random>.jsonl`, replayed in order.
 *
 * empty ── append ──▶ one open segment ── seal ──▶ sealed segments ── replayed and removed ──▶ empty
 *
 * A process works on its own segments and on those whose owner is dead.
 */
export class Spool<T extends object> {
  private readonly directory: string;
  private sealed: Segment<T>[] = [];
  private current: Segment<T> | null = null;
  /** Appends and seals run one after another. */
  private readonly inTurn = serial();
  private segments = 0;

  /** @param revive gives back what JSON does not keep, such as dates */
  constructor(
    dataDir: string,
    readonly name: string,
    private readonly revive: (kept: T) => T,
  ) {
    this.directory = join(dataDir, name);
  }

  /** Takes over what dead processes left. */
  adopt(): Promise<void> {
    return this.inTurn(async () => {
      await mkdir(this.directory, { recursive: true });
      const known = new Set([...this.sealed, this.current].map((segment) => segment?.path));
      for (const name of (await readdir(this.directory)).toSorted()) {
        const path = join(this.directory, name);
        if (!name.endsWith('.jsonl') || known.has(path) || !(await this.isAbandoned(name))) continue;
        const segment = await Segment.takeOver(path, join(this.directory, this.nameAfter(name)), this.revive);
        if (segment) this.sealed.push(segment);
      }
    });
  }

  get isEmpty(): boolean {
    return this.sealed.length === 0 && this.current === null;
  }

  get sizeBytes(): number {
    return this.sealed.reduce((sum, { sizeBytes }) => sum + sizeBytes, this.current?.sizeBytes ?? 0);
  }

  /** Resolves when the events are fsynced. @throws the disk is full or gone; then they are not kept */
  append(events: readonly T[]): Promise<void> {
    return this.inTurn(async () => {
      this.current ??= await Segment.create(join(this.directory, this.nextName()), this.revive);
      try {
        await this.current.append(events);
      } catch (error) {
        // A line may be half there: whatever comes next starts a new file, behind this one.
        await this.sealCurrent();
        throw error;
      }
    });
  }

  /** The oldest events, closed to new ones; null when there are none. */
  oldest(): Promise<Segment<T> | null> {
    return this.inTurn(async () => {
      if (this.sealed.length === 0) await this.sealCurrent();
      return this.sealed[0] ?? null;
    });
  }

  /** After its events are committed, or it was set aside. */
  forget(segment: Segment<T>): void {
    this.sealed = this.sealed.filter((one) => one !== segment);
  }

  /** Keeps other processes from taking over; what one has taken is no longer ours. */
  touch(now: Date): Promise<void> {
    return this.inTurn(async () => {
      if (this.current && !(await this.current.touch(now))) {
        await this.current.seal();
        this.current = null;
      }
      for (const segment of this.sealed) if (!(await segment.touch(now))) this.forget(segment);
    });
  }

  async close(): Promise<void> {
    await this.inTurn(() => this.sealCurrent());
  }

  private async sealCurrent(): Promise<void> {
    const { current } = this;
    if (!current) return;
    this.sealed.push(current);
    this.current = null;
    await current.seal();
  }

  private nextName(): string {
    this.segments += 1;
    return this.nameAfter(`${Date.now()}`.padStart(15, '0') + `-${`${this.segments}`.padStart(6, '0')}`);
  }

  /** A name of ours with the place in time of another. */
  private nameAfter(name: string): string {
    const [time = '', order = ''] = name.split('-');
    return `${time}-${order}-${HOST}-${process.pid}-${randomBytes(3).toString('hex')}.jsonl`;
  }

  private async isAbandoned(name: string): Promise<boolean> {
    const [, , ...rest] = name.replace(/\.jsonl$/, '').split('-');
    const pid = Number(rest.at(-2));
    const host = rest.slice(0, -2).join('-');
    if (host === HOST) return pid === process.pid || !isProcessAlive(pid);
    const found = await stat(join(this.directory, name)).catch(() => null);
    return found !== null && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS;
  }
}
