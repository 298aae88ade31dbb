import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';

const PROBE_TIMEOUT_MS = 2000;
const PROBE_EVERY_MS = 500;

/**
 * Whether Postgres answers at all: a frozen machine or a cut network takes connections and statements and says nothing.
 *
 * answering ── a deadline passed ──▶ silent ── a probe got an answer, be it a refusal ──▶ answering
 *
 * While it is silent nobody waits for a deadline of their own, so that the deadlines of one request do not add up.
 */
export class ServerPulse {
  private probing: Promise<void> | null = null;
  private readonly stopping = new AbortController();

  constructor(private readonly url: string) {}

  get isSilent(): boolean {
    return this.probing !== null;
  }

  noteSilence(): void {
    if (this.stopping.signal.aborted) return;
    this.probing ??= this.probe().finally(() => {
      this.probing = null;
    });
  }

  close(): void {
    this.stopping.abort();
  }

  private async probe(): Promise<void> {
    while (!this.stopping.signal.aborted && !(await this.isAnswering())) {
      await delay(PROBE_EVERY_MS, undefined, { ref: false, signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  private async isAnswering(): Promise<boolean> {
    const client = new Client({
      connectionString: this.url,
      connectionTimeoutMillis: PROBE_TIMEOUT_MS,
      query_timeout: PROBE_TIMEOUT_MS,
    });
    // The awaited calls below report the same failure.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('select 1');
      return true;
    } catch (error) {
      return !(error instanceof Error && /timeout/i.test(error.message));
    } finally {
      void client.end();
    }
  }
}
