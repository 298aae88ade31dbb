import { open, readFile, rename, rm, stat, utimes, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ReceivedEvent } from '../ingest/ingest-event.js';

/** One spool file, one JSON line per event. */
export class Segment {
  private file: FileHandle | null = null;
  sizeBytes = 0;

  constructor(readonly path: string) {}

  static async create(path: string): Promise<Segment> {
    const segment = new Segment(path);
    segment.file = await open(path, 'wx');
    await syncDirectory(dirname(path));
    return segment;
  }

  /** Resolves when the events are on the disk, not only in its cache. */
  async append(events: readonly ReceivedEvent[]): Promise<void> {
    if (!this.file) throw new TypeError('A sealed segment takes no more events');
    const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    const { bytesWritten } = await this.file.writev([Buffer.from(lines)]);
    if (bytesWritten !== Buffer.byteLength(lines)) throw new Error('The spool took only part of an event');
    await this.file.datasync();
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
  async read(): Promise<{ events: ReceivedEvent[]; unreadable: number }> {
    const lines = (await readFile(this.path, 'utf8')).split('\n').slice(0, -1);
    const events: ReceivedEvent[] = [];
    let unreadable = 0;
    for (const line of lines) {
      const event = parse(line);
      if (event) events.push(event);
      else unreadable += 1;
    }
    return { events, unreadable };
  }

  async measure(): Promise<void> {
    this.sizeBytes = (await stat(this.path)).size;
  }

  /** Tells processes on other machines that its owner lives. */
  async touch(now: Date): Promise<void> {
    await utimes(this.path, now, now);
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }

  /** Out of the way of the replay, and still there for a person. */
  async setAside(): Promise<void> {
    await rename(this.path, `${this.path}.rejected`);
  }
}

function parse(line: string): ReceivedEvent | null {
  try {
    const event = JSON.parse(line) as ReceivedEvent;
    return { ...event, providerAt: new Date(event.providerAt), receivedAt: new Date(event.receivedAt) };
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
