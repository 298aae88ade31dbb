import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { sortedPage, type SortColumn } from '../../platform/http/sorted-page.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { Page } from '../../platform/http/page.js';
import { OwnerOnlyError, PeopleOnlyError, SessionNotFoundError, UserNotFoundError } from '../auth.errors.js';
import type { Caller } from '../tenant.decorator.js';
import { User } from '../user.entity.js';
import { Sessions } from './sessions.js';
import { type SessionView, toSessionView, type ListSessions } from './sessions.dto.js';
import { SessionVerifier } from './session-verifier.js';
import { UserSession } from './user-session.entity.js';

const SORTS: Readonly<Record<string, SortColumn>> = {
  createdAt: { sql: 's.created_at', type: 'timestamptz' },
  lastUsedAt: { sql: 's.last_used_at', type: 'timestamptz' },
};

/** Live sign-ins, seen and ended by their owner or by who keeps users. Ended at once here, within 5 s elsewhere. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly sessions: Sessions,
    private readonly verifier: SessionVerifier,
    private readonly clock: Clock,
  ) {}

  /**
   * @param userId whose; the caller's own unless given
   * @throws PeopleOnlyError
   * @throws UserNotFoundError unknown id, or another tenant's
   */
  list(caller: Caller, page: ListSessions, userId = ownIdOf(caller)): Promise<Page<SessionView>> {
    const { tenantId, sessionId } = caller;
    return this.db.transaction(tenantId, async (tx) => {
      await getUser(tx, caller, userId);
      const query = tx
        .createQueryBuilder(UserSession, 's')
        .where({ tenantId, userId })
        .andWhere('s.ended_at is null and s.expires_at > :now', { now: this.clock.now() });
      const { items, nextCursor } = await sortedPage(query, page, SORTS);
      return { items: items.map((session) => toSessionView(session, sessionId)), nextCursor };
    });
  }

  /**
   * @throws PeopleOnlyError
   * @throws SessionNotFoundError ended already, or somebody else's
   * @throws UserNotFoundError unknown id, or another tenant's
   * @throws OwnerOnlyError an owner's, and the caller is none
   */
  async end(caller: Caller, id: string, userId = ownIdOf(caller)): Promise<void> {
    const { tenantId } = caller;
    await this.db.transaction(tenantId, async (tx) => {
      const user = await getUser(tx, caller, userId);
      if (user.role === 'owner' && caller.role !== 'owner') throw new OwnerOnlyError();
      if (!(await this.sessions.end(tx, { tenantId, userId }, id))) throw new SessionNotFoundError(id);
    });
    this.verifier.forget();
  }

  /** @throws PeopleOnlyError */
  async endOthers(caller: Caller): Promise<void> {
    const { tenantId, sessionId } = caller;
    const userId = ownIdOf(caller);
    await this.db.transaction(tenantId, (tx) => this.sessions.endAll(tx, { tenantId, userId }, sessionId));
    this.verifier.forget();
  }
}

function ownIdOf({ role, userId }: Caller): string {
  if (role === null) throw new PeopleOnlyError();
  return userId;
}

async function getUser(tx: EntityManager, { tenantId }: Caller, id: string): Promise<User> {
  const user = await tx.findOneBy(User, { id, tenantId });
  if (!user) throw new UserNotFoundError(id);
  return user;
}
