import { Injectable } from '@nestjs/common';
import { ContactIdentityService } from '../../contacts/contact-identity.service.js';
import { PathPool } from '../../platform/database/path-pool.js';
import { readMapping, type Names } from './linked-reading.js';
import type { LidMapping, LinkedPerson, OpenSession } from '../../providers/baileys/linked-socket.js';

/** Phone numbers and hidden ids that turn out to be one person's. */
@Injectable()
export class LinkedIdentities {
  constructor(
    private readonly identities: ContactIdentityService,
    private readonly path: PathPool,
  ) {}

  /** Kept also for people who have not written yet. */
  async learn({ tenantId }: OpenSession, mapping: LidMapping): Promise<void> {
    const names = readMapping(mapping);
    if (names) await this.identities.link(tenantId, names.keys, names.phone);
  }

  /** The phone's whole address book: only for people who are customers already. */
  async learnKnown({ tenantId }: OpenSession, people: readonly (LidMapping | LinkedPerson)[]): Promise<void> {
    const named = people.map(readMapping).filter((names): names is Names => names !== null);
    if (named.length === 0) return;
    const rows = await this.path.query<{ value: string }>(
      'select value from contact_identity where tenant_id = $1 and value = any($2::text[])',
      [tenantId, named.flatMap(({ keys }) => keys)],
    );
    const known = new Set(rows.map(({ value }) => value));
    // Who goes by both identities in our books needs no telling.
    const news = named.filter(({ keys }) => keys.some((key) => known.has(key)) && !keys.every((key) => known.has(key)));
    const apart = named.filter(({ keys }) => keys.every((key) => known.has(key)));
    for (const { keys, phone } of [...news, ...(await this.inTwo(tenantId, apart))]) {
      await this.identities.link(tenantId, keys, phone);
    }
  }

  /** Those whose identities belong to different contacts. */
  private async inTwo(tenantId: string, named: readonly Names[]): Promise<readonly Names[]> {
    if (named.length === 0) return [];
    const rows = await this.path.query<{ value: string; contact_id: string }>(
      'select value, contact_id from contact_identity where tenant_id = $1 and value = any($2::text[])',
      [tenantId, named.flatMap(({ keys }) => keys)],
    );
    const owner = new Map(rows.map(({ value, contact_id }) => [value, contact_id]));
    return named.filter(({ keys }) => new Set(keys.map((key) => owner.get(key))).size > 1);
  }
}
