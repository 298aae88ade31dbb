import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { identityKeys, type Identity } from '../messages/identity-keys.js';
import { mergeContacts } from './merging/merge-contacts.js';

/** Who is who: identities of one person come together, in whatever order they become known. */
@Injectable()
export class ContactIdentityService {
  constructor(private readonly db: TenantDatabase) {}

  /**
   * Says that all these identities are one person's. Contacts that were known under some of them become one, the oldest: with
   * one conversation per bot, one cart, and everything the others had. Names of nobody yet are kept, so that whoever
   * writes first under one of them is known by all.
   *
   * @param keys from `identityKeys`
   * @param phone E.164, when one of the identities is a number; a contact without one gets it
   * @returns the contact's id; null while nobody is known by any of them
   */
  link(tenantId: TenantId, keys: readonly string[], phone: string | null = null): Promise<string | null> {
    const names = [...new Set(keys.filter((key) => key !== ''))];
    if (names.length === 0) return Promise.resolve(null);
    return this.db.transaction(tenantId, (tx) => linkIn(tx, tenantId, names, phone));
  }

  /**
   * A person known as `from` is `to` from now on. The old identities stay theirs: messages under them may still be on their
   * way. A number that is given to somebody else later is taken away by changing the contact's number.
   */
  async move(tenantId: TenantId, from: Identity, to: Identity): Promise<void> {
    const names = [...new Set([...identityKeys(from), ...identityKeys(to)])];
    const phone = to.phone ?? null;
    await this.db.transaction(tenantId, async (tx) => {
      const id = names.length === 0 ? null : await linkIn(tx, tenantId, names, phone);
      if (id === null || phone === null) return;
      await tx.query(
        `update contact set phone = $3, revision = revision + 1, updated_at = now()
          where tenant_id = $1 and id = $2 and phone is distinct from $3`,
        [tenantId, id, phone],
      );
    });
  }
}

async function linkIn(
  tx: EntityManager,
  tenantId: TenantId,
  names: readonly string[],
  phone: string | null,
): Promise<string | null> {
  await waitForNames(tx, tenantId, names);
  const linked: { value: string; phone: string | null }[] = await tx.query(
    `select value, phone from identity_link where tenant_id = $1 and group_id in (
       select group_id from identity_link where tenant_id = $1 and value = any($2::text[]))`,
    [tenantId, names],
  );
  const all = [...new Set([...names, ...linked.map(({ value }) => value)])];
  const knownPhone = phone ?? linked.find((link) => link.phone !== null)?.phone ?? null;
  const owners: { id: string }[] = await tx.query(
    `select id from contact where tenant_id = $1 and id in (
       select contact_id from contact_identity where tenant_id = $1 and value = any($2::text[]))
      order by created_at, id`,
    [tenantId, all],
  );
  const [winner, ...losers] = owners.map(({ id }) => id);
  if (winner === undefined) {
    if (all.length < 2) return null;
    await keepForLater(tx, tenantId, all, knownPhone);
    return null;
  }
  if (losers.length > 0) await mergeContacts(tx, tenantId, winner, losers);
  await tx.query(
    `insert into contact_identity (tenant_id, value, contact_id) select $1, value, $3 from unnest($2::text[]) value
      order by value on conflict do nothing`,
    [tenantId, all, winner],
  );
  await tx.query(`delete from identity_link where tenant_id = $1 and value = any($2::text[])`, [tenantId, all]);
  if (knownPhone !== null) {
    await tx.query(
      `update contact set phone = $3, revision = revision + 1, updated_at = now()
        where tenant_id = $1 and id = $2 and phone is null`,
      [tenantId, winner, knownPhone],
    );
  }
  return winner;
}

/** The locks that ingest takes before it makes a new contact: neither misses what the other writes. */
async function waitForNames(tx: EntityManager, tenantId: TenantId, names: readonly string[]): Promise<void> {
  await tx.query(
    `select pg_advisory_xact_lock(key) from (
       select distinct hashtextextended($1 || ' ' || name, 0) as key from unnest($2::text[]) name order by 1) keys`,
    [tenantId, names],
  );
}

async function keepForLater(
  tx: EntityManager,
  tenantId: TenantId,
  names: readonly string[],
  phone: string | null,
): Promise<void> {
  await tx.query(
    `insert into identity_link (tenant_id, value, group_id, phone)
     select $1, value, $3, $4 from unnest($2::text[]) value order by value
     on conflict (tenant_id, value) do update set group_id = excluded.group_id, phone = excluded.phone`,
    [tenantId, names, randomUUID(), phone],
  );
}
