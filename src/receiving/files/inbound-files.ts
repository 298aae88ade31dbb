import { Injectable, Logger } from '@nestjs/common';
import { IncomingFiles, type WaitingFile } from '../../media/incoming-files.service.js';
import { MediaTooLargeError } from '../../media/media.errors.js';
import { LiveEvents } from '../../platform/live-events.js';
import { Loops } from '../../platform/loops/loops.js';
import type { Round, WorkerLoop } from '../../platform/loops/worker-loop.js';
import { asTenantId } from '../../platform/tenancy/tenant-id.js';
import { Wake } from '../../platform/wake.js';
import { MediaUnavailableError } from '../../providers/provider.errors.js';
import { MediaSources } from './media-sources.js';

const AT_A_TIME = 4;
const IDLE_POLL_MS = 5_000;
const FETCH_TIMEOUT_MS = 120_000;
/** Longer than a fetch may take, so that nobody fetches what another is fetching. */
const LEASE_MS = 150_000;
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 3_600_000;
/** Meta keeps a customer's file for seven days (provider reference, 2.3); nobody is known to keep it longer. */
const GIVE_UP_MS = 7 * 24 * 3_600_000;

/** Fetches what customers sent from their providers, a few files at a time. See IncomingFiles for what becomes of one. */
@Injectable()
export class InboundFiles {
  private readonly logger = new Logger(InboundFiles.name);
  private readonly loop: WorkerLoop;
  private readonly fetching = new Set<Promise<void>>();

  constructor(
    loops: Loops,
    private readonly files: IncomingFiles,
    private readonly sources: MediaSources,
    private readonly live: LiveEvents,
    private readonly wake: Wake,
  ) {
    this.loop = loops.add({
      name: 'Files',
      group: 'delivery',
      topic: 'files',
      restMs: IDLE_POLL_MS,
      round: () => this.round(),
      // What is being fetched is left to the next process, at once.
      drain: async () => void (await Promise.all(this.fetching)),
    });
  }

  private async round(): Promise<Round> {
    const free = AT_A_TIME - this.fetching.size;
    if (free === 0) return 'none';
    const claimed = await this.files.claim(free, LEASE_MS, this.sources.elsewhere());
    for (const file of claimed) this.carry(file);
    return claimed.length === free ? 'more' : 'none';
  }

  private carry(file: WaitingFile): void {
    const carried = this.fetch(file)
      .catch((error: unknown) => this.logger.warn({ err: error, mediaId: file.id }, 'a file stays to be fetched again'))
      .finally(() => {
        this.fetching.delete(carried);
        this.wake.signal('files');
      });
    this.fetching.add(carried);
  }

  private async fetch(file: WaitingFile): Promise<void> {
    const signal = AbortSignal.any([this.loop.signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]);
    try {
      await this.files.keep(file, await this.sources.open(file, signal));
    } catch (error) {
      return this.fail(file, error);
    }
    this.tell(file, 'stored');
  }

  private async fail(file: WaitingFile, error: unknown): Promise<void> {
    if (this.loop.signal.aborted) return this.files.postpone(file, 0, 'interrupted');
    const reason = error instanceof Error ? error.message : String(error);
    const isFinal = error instanceof MediaTooLargeError || (error instanceof MediaUnavailableError && error.isFinal);
    if (!isFinal && file.ageMs < GIVE_UP_MS) {
      const delayMs = Math.min(FIRST_RETRY_MS * 3 ** (file.attempt - 1), LONGEST_RETRY_MS);
      return this.files.postpone(file, delayMs, reason);
    }
    this.logger.warn({ mediaId: file.id, connectionId: file.connectionId, reason }, 'a file cannot be fetched');
    await this.files.giveUp(file, reason);
    this.tell(file, 'failed');
  }

  private tell({ tenantId, id }: WaitingFile, state: 'stored' | 'failed'): void {
    this.live.publish(asTenantId(tenantId), 'message.file', { mediaId: id, state });
  }
}
