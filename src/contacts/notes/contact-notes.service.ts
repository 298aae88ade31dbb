import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { actorOf, type Caller } from '../../auth/tenant.decorator.js';
import { Clock } from '../../platform/clock.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { InvalidInputError } from '../../platform/errors/app-error.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../platform/http/page.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { ContactNoteNotFoundError } from '../contacts.errors.js';
import { ContactsService } from '../contacts.service.js';
import type { ContactNoteView } from './contact-notes.dto.js';

type Row = Omit<ContactNoteView, 'createdAt'> & { createdAt: Date; key: string };
const keySchema = z.tuple([z.string().regex(/^\d{4}-\d\d-\d\d [\d:.+-]+$/), z.uuid()]);

/** What the people of the shop write to each other about a customer; the customer never sees it. */
@Injectable()
export class ContactNotesService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly contacts: ContactsService,
    private readonly clock: Clock,
  ) {}

  /** Newest first. @throws ContactNotFoundError */
  list(tenantId: TenantId, given: string, { limit, cursor }: PageQuery): Promise<Page<ContactNoteView>> {
    return this.of(tenantId, given, async (tx, contactId) => {
      const [at, id] = cursor === undefined ? [null, null] : keyOf(cursor);
      const rows: Row[] = await tx.query(
        `select n.id, n.author, n.text, n.created_at as "createdAt", n.created_at::text as key from contact_note n
          where n.tenant_id = $1 and n.contact_id = $2
            and ($3::timestamptz is null or (n.created_at, n.id) < ($3, $4::uuid))
          order by n.created_at desc, n.id desc limit $5`,
        [tenantId, contactId, at, id, limit + 1],
      );
      const { items, nextCursor } = toPage(rows, limit, (row) => [row.key, row.id]);
      return { items: items.map(toNoteView), nextCursor };
    });
  }

  /** @throws ContactNotFoundError */
  add(caller: Caller, given: string, text: string): Promise<ContactNoteView> {
    const { tenantId } = caller;
    return this.of(tenantId, given, async (tx, contactId) => {
      const note = { id: randomUUID(), author: actorOf(caller), text, createdAt: this.clock.now() };
      await tx.query(
        'insert into contact_note (id, tenant_id, contact_id, author, text, created_at) values ($1, $2, $3, $4, $5, $6)',
        [note.id, tenantId, contactId, note.author, text, note.createdAt],
      );
      return toNoteView(note);
    });
  }

  /** @throws ContactNotFoundError, ContactNoteNotFoundError */
  delete(tenantId: TenantId, given: string, id: string): Promise<void> {
    return this.of(tenantId, given, async (tx, contactId) => {
      const [, deleted]: [unknown, number] = await tx.query(
        'delete from contact_note where tenant_id = $1 and contact_id = $2 and id = $3',
        [tenantId, contactId, id],
      );
      if (deleted === 0) throw new ContactNoteNotFoundError(id);
    });
  }

  /** The id of a contact that became part of another leads to that one. */
  private of<T>(
    tenantId: TenantId,
    given: string,
    work: (tx: EntityManager, contactId: string) => Promise<T>,
  ): Promise<T> {
    return this.db.transaction(tenantId, async (tx) => {
      const { id } = await this.contacts.getIn(tx, tenantId, given);
      return work(tx, id);
    });
  }
}

function keyOf(cursor: string): [string, string] {
  const key = keySchema.safeParse(decodeCursor(cursor));
  if (!key.success) throw new InvalidInputError([{ field: 'cursor', message: 'Not a cursor of this list' }]);
  return key.data;
}

function toNoteView({ id, author, text, createdAt }: Omit<Row, 'key'>): ContactNoteView {
  return { id, author, text, createdAt: createdAt.toISOString() };
}
