import { Injectable } from '@nestjs/common';
import { loadingCache } from '../../platform/cache/loading-cache.js';
import { Clock } from '../../platform/clock.js';
import { isDatabaseDown } from '../../platform/database/connection-errors.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import type { PersonInSession } from '../access-tokens.js';
import { NotSignedInError } from '../auth.errors.js';
import type { Role } from '../permissions.js';
import { hashOf, tenantOf } from '../tenant-secret.js';
import { COOKIE_LIFE_MS } from './sessions.js';

type Live = { readonly id: string; readonly user_id: string; readonly role: Role; readonly expires_at: Date };

/** For so long another process may still accept a session that was ended in this one. */
const KNOWN_FOR_MS = 5000;
const MAX_KNOWN = 10_000;

/** Tells whether a sign-in still holds, and with which role. Asks the database at most once in 5 s per session. */
@Injectable()
export class SessionVerifier {
  private readonly known = loadingCache<Live>(MAX_KNOWN, KNOWN_FOR_MS);

  constructor(
    private readonly db: TenantDatabase,
    private readonly clock: Clock,
  ) {}

  /**
   * While Postgres is away a token's own word counts for its 15 minutes: what needs no Postgres, such as taking a
   * message for the spool, goes on.
   *
   * @throws NotSignedInError ended, expired, or its user switched off
   */
  async verifyToken(said: PersonInSession): Promise<PersonInSession> {
    const { tenantId, userId, sessionId } = said;
    try {
      const live = await this.known.get(`${tenantId} ${userId} ${sessionId}`, () =>
        this.load(tenantId, 's.id = $2 and s.user_id = $3', [sessionId, userId]),
      );
      return this.checked(tenantId, live);
    } catch (error) {
      if (isDatabaseDown(error)) return said;
      throw error;
    }
  }

  /** @throws NotSignedInError malformed, unknown, ended, expired, or its user switched off */
  async verifyCookie(secret: string): Promise<PersonInSession> {
    const tenantId = tenantOf('dcs', secret);
    if (!tenantId) throw new NotSignedInError();
    const hash = hashOf(secret);
    const live = await this.known.get(hash.toString('hex'), async () => {
      const found = await this.load(tenantId, `s.kind = 'cookie' and s.secret_hash = $2`, [hash]);
      await this.noteUse(tenantId, found.id);
      return found;
    });
    return this.checked(tenantId, live);
  }

  /** A session was ended, or a role changed: this process asks again. */
  forget(): void {
    this.known.clear();
  }

  private checked(tenantId: TenantId, { id, user_id, role, expires_at }: Live): PersonInSession {
    if (expires_at <= this.clock.now()) throw new NotSignedInError();
    return { tenantId, userId: user_id, role, sessionId: id };
  }

  private async load(tenantId: TenantId, condition: string, params: readonly unknown[]): Promise<Live> {
    const [live] = await this.db.transaction(tenantId, (tx) =>
      tx.query<Live[]>(
        `select s.id, s.user_id, s.expires_at, u.role from user_session s
           join app_user u on u.id = s.user_id and u.tenant_id = s.tenant_id and u.is_active
          where s.tenant_id = $1 and s.ended_at is null and ${condition}`,
        [tenantId, ...params],
      ),
    );
    if (!live) throw new NotSignedInError();
    return live;
  }

  /** At most once a minute. */
  private async noteUse(tenantId: TenantId, id: string): Promise<void> {
    const now = this.clock.now();
    await this.db.transaction(tenantId, (tx) =>
      tx.query(
        `update user_session set last_used_at = $3, expires_at = $4
          where tenant_id = $1 and id = $2 and last_used_at <= $3::timestamptz - interval '1 minute' and expires_at > $3`,
        [tenantId, id, now, new Date(now.getTime() + COOKIE_LIFE_MS)],
      ),
    );
  }
}
