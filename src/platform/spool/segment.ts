import { open, readFile, rename, rm, stat, utimes, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What others wrote is in it, and other users of the machine must not read them. */
const ONLY_OURS = 0o600;

/** One spool file, one JSON line per event. */
export class Segment<T extends object> {
  private file: FileHandle | null = null;
  sizeBytes = 0;

  /** @param revive gives back what JSON does not keep, such as dates */
  constructor(
    readonly path: string,
    private readonly revive: (kept: T) => T,
  ) {}

  /** Takes a dead owner's file over by giving it a name of ours; null when somebody was faster. */
  static async takeOver<T extends object>(
    from: string,
    path: string,
    revive: (kept: T) => T,
  ): Promise<Segment<T> | null> {
    if (!(await whileThere(() => rename(from, path)))) return null;
    const segment = new Segment<T>(path, revive);
    segment.sizeBytes = (await stat(path)).size;
    return segment;
  }

  static async create<T extends object>(path: string, revive: (kept: T) => T): Promise<Segment<T>> {
    const segment = new Segment<T>(path, revive);
    segment.file = await open(path, 'wx', ONLY_OURS);
    await syncDirectory(dirname(path));
    return segment;
  }

  /** Resolves when the events are on the disk, not only in its cache. @throws then they are not kept */
  async append(events: readonly T[]): Promise<void> {
    if (!this.file) throw new TypeError('A sealed segment takes no more events');
    const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    const { bytesWritten } = await this.file.writev([Buffer.from(lines)]);
    if (bytesWritten !== Buffer.byteLength(lines)) throw new Error('The spool took only part of an event');
    await this.file.datasync();
    // Whoever took us for dead has the file under another name and may be done reading it.
    await stat(this.path);
    this.sizeBytes += bytesWritten;
  }

  async seal(): Promise<void> {
    await this.file?.close();
    this.file = null;
  }

  /**
   * In the order they were taken. A last line without its end was never acknowledged (we died while writing) and is
   * left out.
   */
  async read(): Promise<{ events: T[]; unreadable: number }> {
    const lines = (await readFile(this.path, 'utf8')).split('\n').slice(0, -1);
    const events: T[] = [];
    let unreadable = 0;
    for (const line of lines) {
      const event = parse(line);
      if (event) events.push(this.revive(event as T));
      else unreadable += 1;
    }
    return { events, unreadable };
  }

  /** Tells processes on other machines that its owner lives. @returns false when one has taken it over already */
  async touch(now: Date): Promise<boolean> {
    return whileThere(() => utimes(this.path, now, now));
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }

  /** Out of the way of the replay, and still there for a person. */
  async setAside(): Promise<void> {
    await rename(this.path, `${this.path}.rejected`);
  }
}

/** @returns whether the file was there to do it to */
async function whileThere(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

function parse(line: string): object | null {
  try {
    return JSON.parse(line) as object | null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** A new file survives a power cut only when its directory's entry does. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
