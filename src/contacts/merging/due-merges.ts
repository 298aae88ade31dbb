import { Injectable, Logger } from '@nestjs/common';
import { PathPool } from '../../platform/database/path-pool.js';
import { Loops } from '../../platform/loops/loops.js';
import { asTenantId } from '../../platform/tenancy/tenant-id.js';
import { ContactIdentityService } from '../contact-identity.service.js';

const BATCH = 50;
/** Only for what another process noted and did not live to merge. */
const POLL_MS = 5000;

type Due = { id: string; tenant_id: string; names: string[]; phone: string | null };

/** Carries to the contacts what messages showed: that two are one person, or whose number it is. Twice is as good as once, so any process may. */
@Injectable()
export class DueMerges {
  private readonly logger = new Logger('Contacts');

  constructor(
    private readonly path: PathPool,
    private readonly identities: ContactIdentityService,
    loops: Loops,
  ) {
    loops.add({
      name: 'Contacts',
      topic: 'merges',
      restMs: POLL_MS,
      round: async () => ((await this.runOnce()) > 0 ? 'more' : 'none'),
    });
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
}
