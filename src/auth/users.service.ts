import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { violates } from '../platform/database/constraint-violation.js';
import { sortedPage, type SortColumn } from '../platform/http/sorted-page.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { assertRevision } from '../platform/http/etag.js';
import type { Page } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { toMeTenant, type UserMeView } from './auth.dto.js';
import { EmailTakenError, LastOwnerError, NotSignedInError, OwnerOnlyError, UserNotFoundError } from './auth.errors.js';
import { PasswordHasher } from './password-hasher.js';
import { permissionsOf } from './permissions.js';
import { Sessions } from './sessions/sessions.js';
import { SessionVerifier } from './sessions/session-verifier.js';
import { TenantProfile } from './tenant.entity.js';
import type { Caller } from './tenant.decorator.js';
import { User } from './user.entity.js';
import type { ChangeUser, CreateUser, UserView, ListUsers } from './users.dto.js';

const SORTS: Readonly<Record<string, SortColumn>> = {
  createdAt: { sql: 'u.created_at', type: 'timestamptz' },
  name: { sql: 'lower(u.name)', type: 'text' },
  email: { sql: 'u.email', type: 'text' },
};

@Injectable()
export class UsersService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly passwords: PasswordHasher,
    private readonly sessions: Sessions,
    private readonly verifier: SessionVerifier,
    private readonly clock: Clock,
  ) {}

  list(tenantId: TenantId, page: ListUsers): Promise<Page<UserView>> {
    return this.db.transaction(tenantId, async (tx) => {
      const query = tx.createQueryBuilder(User, 'u').where({ tenantId });
      const { items, nextCursor } = await sortedPage(query, page, SORTS);
      return { items: items.map(toUserView), nextCursor };
    });
  }

  /** @throws UserNotFoundError unknown id, or another tenant's */
  get(tenantId: TenantId, id: string): Promise<UserView> {
    return this.db.transaction(tenantId, async (tx) => toUserView(await load(tx, tenantId, id)));
  }

  /** Whom to tell of what only an owner can set right. */
  listOwnerEmails(tenantId: TenantId): Promise<string[]> {
    return this.db.transaction(tenantId, async (tx) => {
      const owners = await tx.find(User, {
        where: { tenantId, role: 'owner', isActive: true },
        order: { email: 'ASC' },
      });
      return owners.map(({ email }) => email);
    });
  }

  /** @throws NotSignedInError the token outlived its user */
  me({ tenantId, userId }: Caller): Promise<UserMeView> {
    return this.db.transaction(tenantId, async (tx) => {
      const user = await tx.findOneBy(User, { id: userId, tenantId, isActive: true });
      if (!user) throw new NotSignedInError();
      const tenant = toMeTenant(await tx.findOneByOrFail(TenantProfile, { id: tenantId }));
      const { id, email, name, role } = user;
      return { kind: 'user', id, email, name, role, permissions: permissionsOf(role), tenant };
    });
  }

  /**
   * @throws EmailTakenError in this tenant or another
   * @throws OwnerOnlyError an owner is to be made by somebody who is none
   */
  async create(caller: Caller, { password, ...fields }: CreateUser): Promise<UserView> {
    if (fields.role === 'owner' && caller.role !== 'owner') throw new OwnerOnlyError();
    const { tenantId } = caller;
    const passwordHash = await this.passwords.hash(password);
    const now = this.clock.now();
    try {
      return await this.db.transaction(tenantId, async (tx) => {
        const user = { id: randomUUID(), tenantId, ...fields, passwordHash, createdAt: now, updatedAt: now };
        await tx.insert(User, user);
        return toUserView(await load(tx, tenantId, user.id));
      });
    } catch (error) {
      if (violates(error, 'app_user_email')) throw new EmailTakenError({ cause: error });
      throw error;
    }
  }

  /**
   * A new password, another role or switching off ends the user's sessions: at once in this process, within 5 s in every
   * other.
   *
   * @throws OwnerOnlyError an owner is to be made or changed by somebody who is none
   * @throws LastOwnerError nobody would be left to own the tenant
   */
  async change(caller: Caller, id: string, { password, ...fields }: ChangeUser, ifMatch?: string): Promise<UserView> {
    const { tenantId } = caller;
    const passwordHash = password === undefined ? undefined : await this.passwords.hash(password);
    const view = await this.db.transaction(tenantId, async (tx) => {
      const owners = await lockActiveOwners(tx, tenantId);
      const user = await load(tx, tenantId, id, 'locked');
      assertRevision(ifMatch, user.revision);
      if (caller.role !== 'owner' && (user.role === 'owner' || fields.role === 'owner')) throw new OwnerOnlyError();
      const next = { role: fields.role ?? user.role, isActive: fields.isActive ?? user.isActive };
      const staysOwner = next.role === 'owner' && next.isActive;
      if (!staysOwner && owners.length === 1 && owners[0] === id) throw new LastOwnerError();
      const endsSignIns = passwordHash !== undefined || next.role !== user.role || !next.isActive;
      if (endsSignIns) await this.sessions.endAll(tx, { tenantId, userId: id });
      const edits = { ...fields, passwordHash, revision: user.revision + 1, updatedAt: this.clock.now() };
      await tx.update(User, { id, tenantId }, edits);
      return toUserView(await load(tx, tenantId, id));
    });
    this.verifier.forget();
    return view;
  }
}

/** Locked first and in one order: two owners who demote each other at once must not both succeed. */
async function lockActiveOwners(tx: EntityManager, tenantId: TenantId): Promise<string[]> {
  const owners = await tx.find(User, {
    where: { tenantId, role: 'owner', isActive: true },
    order: { id: 'ASC' },
    lock: { mode: 'pessimistic_write' },
  });
  return owners.map(({ id }) => id);
}

async function load(tx: EntityManager, tenantId: TenantId, id: string, mode?: 'locked'): Promise<User> {
  const lock = mode ? ({ mode: 'pessimistic_write' } as const) : undefined;
  const user = await tx.findOne(User, { where: { id, tenantId }, lock });
  if (!user) throw new UserNotFoundError(id);
  return user;
}

function toUserView(user: User): UserView {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    role: user.role,
    isActive: user.isActive,
    revision: user.revision,
    createdAt: user.createdAt.toISOString(),
    updatedAt: user.updatedAt.toISOString(),
  };
}
