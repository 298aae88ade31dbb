import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { violates } from '../platform/database/constraint-violation.js';
import { sortedPage, type SortColumn } from '../platform/http/sorted-page.js';
import { assertRevision } from '../platform/http/etag.js';
import type { Page } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { takeTurn, type AssignedSeller, type SellerNeed } from './seller-turns.js';
import { Seller } from './seller.entity.js';
import type { ChangeSeller, CreateSeller, ListSellers, SellerView } from './sellers.dto.js';
import {
  SellerNotFoundError,
  SellerPhoneTakenError,
  UnknownReferenceError,
  UnknownSellerError,
  UnknownUserError,
} from './sellers.errors.js';

export type { AssignedSeller } from './seller-turns.js';

/** What is left out is as it is for somebody who takes every order at any time. */
export type NewSeller = Pick<CreateSeller, 'name' | 'phone' | 'userId' | 'isActive'> & Partial<CreateSeller>;

const SORTS: Readonly<Record<string, SortColumn>> = {
  name: { sql: 'seller.name', type: 'text' },
  createdAt: { sql: 'seller.created_at', type: 'timestamptz' },
};

@Injectable()
export class SellersService {
  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  list(tenantId: TenantId, { active, ...page }: ListSellers): Promise<Page<SellerView>> {
    return this.db.transaction(tenantId, async (tx) => {
      const find = tx.getRepository(Seller).createQueryBuilder('seller').where({ tenantId });
      if (active !== undefined) find.andWhere('seller.is_active = :active', { active });
      const { items, nextCursor } = await sortedPage(find, page, SORTS);
      return { items: items.map(toSellerView), nextCursor };
    });
  }

  /** @throws SellerNotFoundError unknown id, or another tenant's */
  get(tenantId: TenantId, id: string): Promise<SellerView> {
    return this.db.transaction(tenantId, (tx) => view(tx, tenantId, id));
  }

  /**
   * @throws SellerPhoneTakenError
   * @throws UnknownUserError `userId` is not a user of this tenant
   */
  create(tenantId: TenantId, input: NewSeller): Promise<SellerView> {
    return this.db.transaction(tenantId, async (tx) => {
      await assertKnown(tx, tenantId, input);
      const now = this.clock.now();
      const id = randomUUID();
      await withPhone(() =>
        tx.getRepository(Seller).insert({ ...input, ...pauseOf(input), id, tenantId, createdAt: now, updatedAt: now }),
      );
      return view(tx, tenantId, id);
    });
  }

  /** @throws RevisionMismatchError */
  change(tenantId: TenantId, id: string, patch: ChangeSeller, ifMatch?: string): Promise<SellerView> {
    return this.db.transaction(tenantId, async (tx) => {
      const sellers = tx.getRepository(Seller);
      const seller = await sellers.findOne({ where: { id, tenantId }, lock: { mode: 'pessimistic_write' } });
      if (!seller) throw new SellerNotFoundError(id);
      assertRevision(ifMatch, seller.revision);
      await assertKnown(tx, tenantId, patch);
      const update = { ...patch, ...pauseOf(patch), revision: seller.revision + 1, updatedAt: this.clock.now() };
      await withPhone(() => sellers.update({ id, tenantId }, update));
      return view(tx, tenantId, id);
    });
  }

  /** By the rule of the business: see SELLER_RULES. Null when no active seller serves the bot. */
  assignNext(tx: EntityManager, tenantId: TenantId, now: Date, need: SellerNeed = {}): Promise<AssignedSeller | null> {
    return takeTurn(tx, tenantId, now, need);
  }

  /** @throws UnknownSellerError paused, unknown, or another tenant's */
  async getActive(tx: EntityManager, tenantId: TenantId, id: string): Promise<AssignedSeller> {
    const seller = await tx.getRepository(Seller).findOneBy({ id, tenantId, isActive: true });
    const isPaused = seller?.pausedUntil && seller.pausedUntil > this.clock.now();
    if (!seller || isPaused) throw new UnknownSellerError(id);
    return { id: seller.id, name: seller.name, phone: seller.phone };
  }

  /** The sellers this user is, oldest first: usually one, none for office staff. */
  async listOfUser(tx: EntityManager, tenantId: TenantId, userId: string): Promise<AssignedSeller[]> {
    const sellers = await tx
      .getRepository(Seller)
      .find({ where: { tenantId, userId }, order: { createdAt: 'asc', id: 'asc' } });
    return sellers.map(({ id, name, phone }) => ({ id, name, phone }));
  }
}

async function view(tx: EntityManager, tenantId: TenantId, id: string): Promise<SellerView> {
  const seller = await tx.getRepository(Seller).findOneBy({ id, tenantId });
  if (!seller) throw new SellerNotFoundError(id);
  return toSellerView(seller);
}

function toSellerView(seller: Seller): SellerView {
  return {
    id: seller.id,
    name: seller.name,
    phone: seller.phone,
    userId: seller.userId,
    isActive: seller.isActive,
    pausedUntil: seller.pausedUntil?.toISOString() ?? null,
    hours: seller.hours === null ? null : [...seller.hours],
    timezone: seller.timezone,
    botIds: [...seller.botIds],
    categoryIds: [...seller.categoryIds],
    lastAssignedAt: seller.lastAssignedAt?.toISOString() ?? null,
    revision: seller.revision,
    createdAt: seller.createdAt.toISOString(),
    updatedAt: seller.updatedAt.toISOString(),
  };
}

/** A foreign key alone would accept another tenant's, and a list has none. */
async function assertKnown(
  tx: EntityManager,
  tenantId: TenantId,
  { userId, botIds = [], categoryIds = [] }: ChangeSeller,
): Promise<void> {
  if (userId) await assertAll(tx, tenantId, 'app_user', [userId], (id) => new UnknownUserError(id));
  await assertAll(tx, tenantId, 'bot', botIds, (id) => new UnknownReferenceError('bot', id, 'botIds'));
  await assertAll(tx, tenantId, 'product_category', categoryIds, (id) => {
    return new UnknownReferenceError('category', id, 'categoryIds');
  });
}

async function assertAll(
  tx: EntityManager,
  tenantId: TenantId,
  table: 'app_user' | 'bot' | 'product_category',
  ids: readonly string[],
  toError: (id: string) => Error,
): Promise<void> {
  if (ids.length === 0) return;
  const found: { id: string }[] = await tx.query(
    `select id from ${table} where tenant_id = $1 and id = any($2::uuid[])`,
    [tenantId, ids],
  );
  const known = new Set(found.map(({ id }) => id));
  const missing = ids.find((id) => !known.has(id));
  if (missing !== undefined) throw toError(missing);
}

function pauseOf({ pausedUntil }: ChangeSeller): { pausedUntil?: Date | null } {
  if (pausedUntil === undefined) return {};
  return { pausedUntil: pausedUntil === null ? null : new Date(pausedUntil) };
}

async function withPhone(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (violates(error, 'seller_tenant_id_phone_key')) throw new SellerPhoneTakenError({ cause: error });
    throw error;
  }
}
