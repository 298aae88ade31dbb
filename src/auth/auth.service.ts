import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { OwnerDatabase } from '../platform/database/owner-database.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { violates } from '../platform/database/constraint-violation.js';
import { asTenantId, type TenantId } from '../platform/tenancy/tenant-id.js';
import { ACCESS_TOKEN_SECONDS, AccessTokens } from './access-tokens.js';
import type { Login, TokenPair } from './auth.dto.js';
import { EmailTakenError, InvalidCredentialsError, InvalidRefreshTokenError } from './auth.errors.js';
import { PasswordHasher } from './password-hasher.js';
import type { Role } from './permissions.js';
import { RefreshTokens } from './refresh-tokens.js';
import type { Person } from './tenant.decorator.js';
import { tenantOf } from './tenant-secret.js';
import { User } from './user.entity.js';

type SignInRow = { id: string; tenant_id: string; password_hash: string; role: Role; is_active: boolean };

export type NewTenant = {
  readonly name: string;
  readonly locale?: 'es' | 'en' | 'pt';
  /** ISO 4217; for good. */
  readonly currency: string;
  /** IANA name. */
  readonly timezone?: string;
  readonly owner: { readonly email: string; readonly name: string; readonly password: string };
};

/** Sign-in knows an e-mail and no tenant; `find_sign_in` needs a transaction but no tenant's rows. */
const NO_TENANT = asTenantId('00000000-0000-0000-0000-000000000000');

@Injectable()
export class AuthService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly owner: OwnerDatabase,
    private readonly passwords: PasswordHasher,
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
  ) {}

  /** @throws InvalidCredentialsError after the same work whether or not the e-mail is known */
  async login({ email, password }: Login): Promise<TokenPair> {
    const user = await this.findSignIn(email);
    const isMatch = await this.passwords.matches(user?.password_hash ?? null, password);
    if (!user || !isMatch || !user.is_active) throw new InvalidCredentialsError();
    const tenantId = asTenantId(user.tenant_id);
    const owner = { tenantId, userId: user.id };
    const refreshToken = await this.db.transaction(tenantId, (tx) => this.refreshTokens.begin(tx, owner));
    return this.pair({ ...owner, role: user.role }, refreshToken);
  }

  /**
   * The next pair, with the role as it is now.
   *
   * @throws InvalidRefreshTokenError unknown, expired, revoked, or used before: then its whole family is revoked
   */
  async refresh(token: string): Promise<TokenPair> {
    const tenantId = tenantOf('drt', token);
    if (!tenantId) throw new InvalidRefreshTokenError();
    const found = await this.db.transaction(tenantId, async (tx) => {
      const rotated = await this.refreshTokens.rotate(tx, tenantId, token);
      const user = rotated && (await tx.findOneBy(User, { id: rotated.userId, tenantId, isActive: true }));
      return user ? { refreshToken: rotated.next, caller: { tenantId, userId: user.id, role: user.role } } : null;
    });
    if (!found) throw new InvalidRefreshTokenError();
    return this.pair(found.caller, found.refreshToken);
  }

  /** Ends this sign-in; a token that is not known any more has nothing to end. */
  async logout(token: string): Promise<void> {
    const tenantId = tenantOf('drt', token);
    if (tenantId) await this.db.transaction(tenantId, (tx) => this.refreshTokens.end(tx, tenantId, token));
  }

  /**
   * A tenant and the person it belongs to, by the schema's owner: no tenant may make another.
   *
   * @throws EmailTakenError
   */
  async createTenantWithOwner({ owner, ...tenant }: NewTenant): Promise<{ tenantId: TenantId; userId: string }> {
    const tenantId = asTenantId(randomUUID());
    const userId = randomUUID();
    const passwordHash = await this.passwords.hash(owner.password);
    try {
      await this.owner.transaction(async (client) => {
        await client.query('insert into tenant (id, name, locale, currency, timezone) values ($1, $2, $3, $4, $5)', [
          tenantId,
          tenant.name,
          tenant.locale ?? 'es',
          tenant.currency,
          tenant.timezone ?? 'America/Mexico_City',
        ]);
        await client.query(
          `insert into app_user (id, tenant_id, email, name, password_hash, role) values ($1, $2, lower($3), $4, $5, 'owner')`,
          [userId, tenantId, owner.email, owner.name, passwordHash],
        );
      });
    } catch (error) {
      if (violates(error, 'app_user_email')) throw new EmailTakenError({ cause: error });
      throw error;
    }
    return { tenantId, userId };
  }

  private async findSignIn(email: string): Promise<SignInRow | null> {
    const rows = await this.db.transaction(NO_TENANT, (tx) =>
      tx.query<SignInRow[]>('select * from find_sign_in($1)', [email]),
    );
    return rows[0] ?? null;
  }

  private pair(caller: Person, refreshToken: string): TokenPair {
    return { accessToken: this.accessTokens.sign(caller), refreshToken, expiresInSeconds: ACCESS_TOKEN_SECONDS };
  }
}
