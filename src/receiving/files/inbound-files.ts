import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { IncomingFiles, type WaitingFile } from '../../media/incoming-files.service.js';
import { MediaTooLargeError } from '../../media/media.errors.js';
import { ENV, roleRuns, type Env } from '../../platform/config/env.js';
import { LiveEvents } from '../../platform/live-events.js';
import { asTenantId } from '../../platform/tenancy/tenant-id.js';
import { Wake } from '../../platform/wake.js';
import { MediaUnavailableError } from '../../providers/provider.errors.js';
import { MediaSources } from './media-sources.js';

const AT_A_TIME = 4;
const IDLE_POLL_MS = 5_000;
const DOWN_RETRY_MS = 1_000;
const FETCH_TIMEOUT_MS = 120_000;
/** Longer than a fetch may take, so that nobody fetches what another is fetching. */
const LEASE_MS = 150_000;
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 3_600_000;
/** Meta keeps a customer's file for seven days (provider reference, 2.3); nobody is known to keep it longer. */
const GIVE_UP_MS = 7 * 24 * 3_600_000;

/** Fetches what customers sent from their providers, a few files at a time. See IncomingFiles for what becomes of one. */
@Injectable()
export class InboundFiles implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(InboundFiles.name);
  private readonly stopping = new AbortController();
  private readonly fetching = new Set<Promise<void>>();
  private running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly files: IncomingFiles,
    private readonly sources: MediaSources,
    private readonly live: LiveEvents,
    private readonly wake: Wake,
  ) {}

  onApplicationBootstrap(): void {
    if (roleRuns(this.env.role, 'delivery')) this.start();
  }

  start(): void {
    this.running = this.run();
  }

  /** What is being fetched is left to the next process, at once. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await Promise.all(this.fetching);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const free = AT_A_TIME - this.fetching.size;
      const claimed = free > 0 ? await this.claim(free) : [];
      for (const file of claimed ?? []) this.carry(file);
      if (claimed === null) await this.wake.wait('files', DOWN_RETRY_MS, signal);
      else if (claimed.length < free || free === 0) await this.wake.wait('files', IDLE_POLL_MS, signal);
    }
  }

  private async claim(limit: number): Promise<WaitingFile[] | null> {
    try {
      return await this.files.claim(limit, LEASE_MS, this.sources.elsewhere());
    } catch (error) {
      this.logger.warn({ err: error }, 'no files could be claimed');
      return null;
    }
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
    const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]);
    try {
      await this.files.keep(file, await this.sources.open(file, signal));
    } catch (error) {
      return this.fail(file, error);
    }
    this.tell(file, 'stored');
  }

  private async fail(file: WaitingFile, error: unknown): Promise<void> {
    if (this.stopping.signal.aborted) return this.files.postpone(file, 0, 'interrupted');
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
