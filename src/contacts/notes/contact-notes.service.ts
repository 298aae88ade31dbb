import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { actorOf, type Caller } from '../../auth/tenant.decorator.js';
import { Clock } from '../../platform/clock.js';
import { pageOrder } from '../../platform/http/sorted-page.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { Page } from '../../platform/http/page.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { ContactNoteNotFoundError } from '../contacts.errors.js';
import { ContactsService } from '../contacts.service.js';
import type { ContactNoteView, ListContactNotes } from './contact-notes.dto.js';

type Row = Omit<ContactNoteView, 'createdAt'> & { createdAt: Date };
const SORTS = { createdAt: { sql: 'n.created_at', type: 'timestamptz' } } as const;

/** What the people of the shop write to each other about a customer; the customer never sees it. */
@Injectable()
export class ContactNotesService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly contacts: ContactsService,
    private readonly clock: Clock,
  ) {}

  /** @throws ContactNotFoundError */
  list(tenantId: TenantId, given: string, query: ListContactNotes): Promise<Page<ContactNoteView>> {
    return this.of(tenantId, given, async (tx, contactId) => {
      const order = pageOrder(query, SORTS, { sql: 'n.id', type: 'uuid' });
      const rows: (Row & { pageKey: string })[] = await tx.query(
        `select n.id, n.author, n.text, n.created_at as "createdAt", ${order.key} as "pageKey" from contact_note n
          where n.tenant_id = $1 and n.contact_id = $2 and ${order.condition('$3', '$4')}
          order by ${order.orderBy} limit $5`,
        [tenantId, contactId, ...order.after, query.limit + 1],
      );
      const { items, nextCursor } = order.toPage(rows);
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

function toNoteView({ id, author, text, createdAt }: Row): ContactNoteView {
  return { id, author, text, createdAt: createdAt.toISOString() };
}
