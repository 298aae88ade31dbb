import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ArrayContains, type EntityManager, In, Like } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { violates } from '../platform/database/constraint-violation.js';
import { sortedPage } from '../platform/http/sorted-page.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { assertRevision } from '../platform/http/etag.js';
import type { Page } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { emitEvent } from '../webhooks/outgoing-events.js';
import { ContactIdentity } from './contact-identity.entity.js';
import { Contact } from './contact.entity.js';
import { type ChangeContact, type CreateContact, type ListContacts, MAX_TAGS, type TagCounts } from './contacts.dto.js';
import { ContactExistsError, ContactNotFoundError, TooManyTagsError } from './contacts.errors.js';
import { applyFields, type FieldValue } from './fields/field-values.js';
import { identityKeys } from '../messages/identity-keys.js';

export type ContactView = {
  id: string;
  name: string | null;
  phone: string | null;
  locale: 'es' | 'en' | 'pt' | null;
  tags: string[];
  fields: Record<string, FieldValue>;
  revision: number;
  createdAt: string;
  updatedAt: string;
};

const SORTS = {
  createdAt: { sql: 'c.created_at', type: 'timestamptz' },
  updatedAt: { sql: 'c.updated_at', type: 'timestamptz' },
  name: { sql: "lower(coalesce(c.name, ''))", type: 'text' },
} as const;

@Injectable()
export class ContactsService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly clock: Clock,
  ) {}

  list(tenantId: TenantId, { search, tag, field, ...page }: ListContacts): Promise<Page<ContactView>> {
    return this.db.transaction(tenantId, async (tx) => {
      const query = tx.createQueryBuilder(Contact, 'c').where({ tenantId });
      if (tag !== undefined) query.andWhere({ tags: ArrayContains([tag]) });
      if (field !== undefined) {
        const [key, value] = [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1)];
        query.andWhere('c.fields ->> :key = :value', { key, value });
      }
      if (search !== undefined) {
        const pattern = `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`;
        query.andWhere('(c.name ilike :pattern or c.phone like :pattern)', { pattern });
      }
      const { items, nextCursor } = await sortedPage(query, page, SORTS);
      return { items: items.map(toContactView), nextCursor };
    });
  }

  /** Tags in use, the most frequent first; at most a thousand. */
  async tags(tenantId: TenantId): Promise<TagCounts> {
    const items: TagCounts['items'] = await this.db.transaction(tenantId, (tx) =>
      tx.query(
        `select tag, count(*)::int as contacts from contact, unnest(tags) tag where tenant_id = $1
          group by tag order by contacts desc, tag limit 1000`,
        [tenantId],
      ),
    );
    return { items };
  }

  /** @throws ContactNotFoundError unknown id, or another tenant's */
  get(tenantId: TenantId, id: string): Promise<ContactView> {
    return this.db.transaction(tenantId, (tx) => this.getIn(tx, tenantId, id));
  }

  /** @throws ContactNotFoundError unknown id, or another tenant's */
  async getIn(tx: EntityManager, tenantId: TenantId, id: string): Promise<ContactView> {
    return toContactView(await load(tx, tenantId, id));
  }

  /**
   * @throws ContactExistsError the number, in any of its spellings, is somebody else's
   * @throws InvalidInputError a field the shop has not defined, or not of its type
   */
  create(tenantId: TenantId, { fields: own = {}, ...fields }: CreateContact): Promise<ContactView> {
    const now = this.clock.now();
    return this.transaction(tenantId, async (tx) => {
      const id = randomUUID();
      const values = await applyFields(tx, tenantId, {}, own);
      await tx.insert(Contact, { id, tenantId, ...fields, fields: values, createdAt: now, updatedAt: now });
      await recognise(tx, tenantId, id, fields.phone);
      await emitEvent(tx, tenantId, 'contact.changed', { contactId: id, revision: 1 });
      return this.getIn(tx, tenantId, id);
    });
  }

  /**
   * A new phone number replaces the one the contact is recognised by.
   *
   * @param ifMatch the revision the caller read, in quotes; absent means whatever it is now
   * @throws ContactExistsError the number is somebody else's
   * @throws InvalidInputError a field the shop has not defined, or not of its type
   * @throws RevisionMismatchError somebody was faster
   */
  change(
    tenantId: TenantId,
    id: string,
    { fields: own, ...fields }: ChangeContact,
    ifMatch?: string,
  ): Promise<ContactView> {
    return this.transaction(tenantId, async (tx) => {
      const contact = await load(tx, tenantId, id, 'locked');
      assertRevision(ifMatch, contact.revision);
      if (fields.phone !== undefined && fields.phone !== contact.phone) {
        await tx.delete(ContactIdentity, { tenantId, contactId: contact.id, value: Like('tel:%') });
        await recognise(tx, tenantId, contact.id, fields.phone);
      }
      const values = own && { fields: await applyFields(tx, tenantId, contact.fields, own) };
      return this.save(tx, tenantId, contact, { ...fields, ...values });
    });
  }

  /**
   * What a flow learns about the customer; a tag is added to the others.
   *
   * @throws TooManyTagsError
   */
  async learn(
    tx: EntityManager,
    tenantId: TenantId,
    id: string,
    { tag, ...fields }: { name?: string; locale?: 'es' | 'en' | 'pt'; tag?: string },
  ): Promise<ContactView> {
    const contact = await load(tx, tenantId, id, 'locked');
    const tags = tag === undefined ? contact.tags : [...new Set([...contact.tags, tag])];
    if (tags.length > MAX_TAGS) throw new TooManyTagsError(MAX_TAGS);
    return this.save(tx, tenantId, contact, { ...fields, tags });
  }

  /**
   * Sets a tag on whoever goes by these identities, or takes it away. Not limited by the number of tags: it carries a wish of
   * the customer.
   *
   * @param identities from `identityKeys`
   * @returns false when nobody is known by them
   */
  mark(tenantId: TenantId, identities: readonly string[], tag: string, isSet: boolean): Promise<boolean> {
    return this.db.transaction(tenantId, async (tx) => {
      const known = await tx.findBy(ContactIdentity, { tenantId, value: In([...identities]) });
      const ids = [...new Set(known.map(({ contactId }) => contactId))].toSorted();
      for (const id of ids) {
        const contact = await load(tx, tenantId, id, 'locked');
        if (contact.tags.includes(tag) === isSet) continue;
        const others = contact.tags.filter((other) => other !== tag);
        await this.save(tx, tenantId, contact, { tags: isSet ? [...others, tag] : others });
      }
      return ids.length > 0;
    });
  }

  private async save(tx: EntityManager, tenantId: TenantId, { id, revision }: Contact, fields: Partial<Contact>) {
    await tx.update(Contact, { id, tenantId }, { ...fields, revision: revision + 1, updatedAt: this.clock.now() });
    await emitEvent(tx, tenantId, 'contact.changed', { contactId: id, revision: revision + 1 });
    return this.getIn(tx, tenantId, id);
  }

  private async transaction<T>(tenantId: TenantId, work: (tx: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.db.transaction(tenantId, work);
    } catch (error) {
      if (violates(error, 'contact_identity_pkey')) throw new ContactExistsError({ cause: error });
      throw error;
    }
  }
}

async function recognise(tx: EntityManager, tenantId: TenantId, contactId: string, phone: string): Promise<void> {
  const rows = identityKeys({ phone }).map((value) => ({ tenantId, value, contactId }));
  await tx.insert(ContactIdentity, rows);
}

/** The id of a contact that turned out to be another one answers as that one. */
async function load(tx: EntityManager, tenantId: TenantId, id: string, mode?: 'locked'): Promise<Contact> {
  const lock = mode ? ({ mode: 'pessimistic_write' } as const) : undefined;
  const contact = await tx.findOne(Contact, { where: { id, tenantId }, lock });
  if (contact) return contact;
  const [alias]: { id: string }[] = await tx.query(
    'select contact_id as id from contact_alias where tenant_id = $1 and old_id = $2',
    [tenantId, id],
  );
  if (!alias) throw new ContactNotFoundError(id);
  return load(tx, tenantId, alias.id, mode);
}

function toContactView(contact: Contact): ContactView {
  return {
    id: contact.id,
    name: contact.name,
    phone: contact.phone,
    locale: contact.locale,
    tags: contact.tags,
    fields: contact.fields,
    revision: contact.revision,
    createdAt: contact.createdAt.toISOString(),
    updatedAt: contact.updatedAt.toISOString(),
  };
}
