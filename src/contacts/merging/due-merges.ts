import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { PathPool } from '../../platform/database/path-pool.js';
import { asTenantId } from '../../platform/tenancy/tenant-id.js';
import { Wake } from '../../platform/wake.js';
import { ContactIdentityService } from '../contact-identity.service.js';

const BATCH = 50;
/** Only for what another process noted and did not live to merge. */
const POLL_MS = 5000;
const RETRY_MS = 500;

type Due = { id: string; tenant_id: string; names: string[]; phone: string | null };

/** Carries to the contacts what messages showed: that two are one person, or whose number it is. Twice is as good as once, so any process may. */
@Injectable()
export class DueMerges implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Contacts');
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: PathPool,
    private readonly identities: ContactIdentityService,
    private readonly wake: Wake,
  ) {}

  onApplicationBootstrap(): void {
    this.loop = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  /** @returns how many are done; one that fails stays for the next time and holds up nobody else */
  async runOnce(): Promise<number> {
    const due = await this.path.query<Due>(
      `select id::text, tenant_id, names, phone from contact_merge order by id limit ${BATCH}`,
    );
    let done = 0;
    for (const { id, tenant_id, names, phone } of due) {
      try {
        await this.identities.link(asTenantId(tenant_id), names, phone);
        await this.path.query('delete from contact_merge where id = $1', [id]);
        done += 1;
      } catch (error) {
        if (this.path.isDown(error)) throw error;
        this.logger.error(error, `Contacts of one person could not be merged (${id})`);
      }
    }
    return done;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        if ((await this.runOnce()) === 0) await this.wake.wait('merges', POLL_MS, this.stopping.signal);
      } catch (error) {
        this.logger.warn(`Merges wait: ${error instanceof Error ? error.message : String(error)}`);
        await delay(RETRY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
  }
}
