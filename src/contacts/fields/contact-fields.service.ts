import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { violates } from '../../platform/database/constraint-violation.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { ContactFieldExistsError, ContactFieldNotFoundError, TooManyContactFieldsError } from '../contacts.errors.js';
import type { ChangeContactField, ContactFieldView, CreateContactField } from './contact-fields.dto.js';

export const MAX_FIELDS = 50;
const COLUMNS = 'id, key, label, type, options, position from contact_field';

/** What a tenant wants to know of its contacts besides name, number and language. */
@Injectable()
export class ContactFieldsService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly clock: Clock,
  ) {}

  list(tenantId: TenantId): Promise<ContactFieldView[]> {
    return this.db.transaction(tenantId, (tx) =>
      tx.query(`select ${COLUMNS} where tenant_id = $1 order by position, key`, [tenantId]),
    );
  }

  /** @throws ContactFieldExistsError, TooManyContactFieldsError */
  async create(tenantId: TenantId, field: CreateContactField): Promise<ContactFieldView> {
    const { key, label, type, options, position } = field;
    const id = randomUUID();
    const now = this.clock.now();
    try {
      return await this.db.transaction(tenantId, async (tx) => {
        await tx.query('select 1 from tenant where id = $1 for update', [tenantId]);
        const [{ n } = { n: 0 }]: { n: number }[] = await tx.query(
          'select count(*)::int as n from contact_field where tenant_id = $1',
          [tenantId],
        );
        if (n >= MAX_FIELDS) throw new TooManyContactFieldsError(MAX_FIELDS);
        await tx.query(
          `insert into contact_field (id, tenant_id, key, label, type, options, position, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $8)`,
          [id, tenantId, key, JSON.stringify(label), type, options, position, now],
        );
        return get(tx, tenantId, id);
      });
    } catch (error) {
      if (violates(error, 'contact_field_key')) throw new ContactFieldExistsError(key, { cause: error });
      throw error;
    }
  }

  /** Options are ignored by what is no choice. @throws ContactFieldNotFoundError */
  change(tenantId: TenantId, id: string, { label, options, position }: ChangeContactField): Promise<ContactFieldView> {
    return this.db.transaction(tenantId, async (tx) => {
      await tx.query(
        `update contact_field set label = coalesce($3::jsonb, label), position = coalesce($5::int, position),
                options = case when type = 'choice' then coalesce($4::text[], options) else options end, updated_at = $6
          where tenant_id = $1 and id = $2`,
        [tenantId, id, label ? JSON.stringify(label) : null, options ?? null, position ?? null, this.clock.now()],
      );
      return get(tx, tenantId, id);
    });
  }

  /** With the values contacts have of it. @throws ContactFieldNotFoundError */
  delete(tenantId: TenantId, id: string): Promise<void> {
    return this.db.transaction(tenantId, async (tx) => {
      const { key } = await get(tx, tenantId, id);
      await tx.query('delete from contact_field where tenant_id = $1 and id = $2', [tenantId, id]);
      await tx.query('update contact set fields = fields - $2::text where tenant_id = $1 and fields ? $2', [
        tenantId,
        key,
      ]);
    });
  }
}

async function get(tx: EntityManager, tenantId: TenantId, id: string): Promise<ContactFieldView> {
  const [field]: ContactFieldView[] = await tx.query(`select ${COLUMNS} where tenant_id = $1 and id = $2`, [
    tenantId,
    id,
  ]);
  if (!field) throw new ContactFieldNotFoundError(id);
  return field;
}
