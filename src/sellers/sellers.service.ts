import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { violates } from '../platform/database/constraint-violation.js';
import { assertRevision } from '../platform/http/etag.js';
import { decodeCursor, toPage, type Page } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { Seller } from './seller.entity.js';
import type { ChangeSeller, CreateSeller, ListSellers, SellerView } from './sellers.dto.js';
import { SellerNotFoundError, SellerPhoneTakenError, UnknownSellerError, UnknownUserError } from './sellers.errors.js';

/** Whom an order goes to; `phone` in E.164. */
export type AssignedSeller = { readonly id: string; readonly name: string; readonly phone: string };

@Injectable()
export class SellersService {
  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Ordered by name. */
  list(tenantId: TenantId, { limit, cursor, active }: ListSellers): Promise<Page<SellerView>> {
    return this.db.transaction(tenantId, async (tx) => {
      const find = tx.getRepository(Seller).createQueryBuilder('seller').where({ tenantId });
      if (active !== undefined) find.andWhere('seller.is_active = :active', { active });
      if (cursor !== undefined) {
        const [name, id] = decodeCursor(cursor);
        find.andWhere('(seller.name, seller.id::text) > (:name, :id)', { name, id });
      }
      const rows = await find
        .orderBy('seller.name')
        .addOrderBy('seller.id')
        .take(limit + 1)
        .getMany();
      return toPage(rows.map(toSellerView), limit, ({ name, id }) => [name, id]);
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
  create(tenantId: TenantId, input: CreateSeller): Promise<SellerView> {
    return this.db.transaction(tenantId, async (tx) => {
      await assertUser(tx, tenantId, input.userId);
      const now = this.clock.now();
      const id = randomUUID();
      await withPhone(() =>
        tx.getRepository(Seller).insert({ ...input, id, tenantId, createdAt: now, updatedAt: now }),
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
      await assertUser(tx, tenantId, patch.userId ?? null);
      const update = { ...patch, revision: seller.revision + 1, updatedAt: this.clock.now() };
      await withPhone(() => sellers.update({ id, tenantId }, update));
      return view(tx, tenantId, id);
    });
  }

  /**
   * Round robin: the active seller whose last turn is longest ago, or null when there is none. Of sellers that other
   * transactions are giving work to, it takes the next free one; only when all are taken does it wait.
   */
  async assignNext(tx: EntityManager, tenantId: TenantId, now: Date): Promise<AssignedSeller | null> {
    return (await this.takeTurn(tx, tenantId, now, 'skip locked')) ?? this.takeTurn(tx, tenantId, now, '');
  }

  /** @throws UnknownSellerError paused, unknown, or another tenant's */
  async getActive(tx: EntityManager, tenantId: TenantId, id: string): Promise<AssignedSeller> {
    const seller = await tx.getRepository(Seller).findOneBy({ id, tenantId, isActive: true });
    if (!seller) throw new UnknownSellerError(id);
    return { id: seller.id, name: seller.name, phone: seller.phone };
  }

  /** The sellers this user is, oldest first: usually one, none for office staff. */
  async listOfUser(tx: EntityManager, tenantId: TenantId, userId: string): Promise<AssignedSeller[]> {
    const sellers = await tx
      .getRepository(Seller)
      .find({ where: { tenantId, userId }, order: { createdAt: 'asc', id: 'asc' } });
    return sellers.map(({ id, name, phone }) => ({ id, name, phone }));
  }

  private async takeTurn(
    tx: EntityManager,
    tenantId: TenantId,
    now: Date,
    whenLocked: 'skip locked' | '',
  ): Promise<AssignedSeller | null> {
    // Strictly later than every other turn, or two within one tick of the clock would go to the same seller.
    const [rows]: [AssignedSeller[], number] = await tx.query(
      `update seller set last_assigned_at = greatest($2::timestamptz,
         (select max(last_assigned_at) + interval '1 microsecond' from seller where tenant_id = $1))
       where tenant_id = $1 and id = (
         select id from seller where tenant_id = $1 and is_active
         order by last_assigned_at nulls first, created_at, id limit 1 for update ${whenLocked})
       returning id, name, phone`,
      [tenantId, now],
    );
    return rows[0] ?? null;
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
    lastAssignedAt: seller.lastAssignedAt?.toISOString() ?? null,
    revision: seller.revision,
    createdAt: seller.createdAt.toISOString(),
    updatedAt: seller.updatedAt.toISOString(),
  };
}

/** The foreign key alone would accept another tenant's user. */
async function assertUser(tx: EntityManager, tenantId: TenantId, userId: string | null): Promise<void> {
  if (userId === null) return;
  const found: unknown[] = await tx.query('select 1 from app_user where tenant_id = $1 and id = $2', [
    tenantId,
    userId,
  ]);
  if (found.length === 0) throw new UnknownUserError(userId);
}

async function withPhone(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (violates(error, 'seller_tenant_id_phone_key')) throw new SellerPhoneTakenError({ cause: error });
    throw error;
  }
}
