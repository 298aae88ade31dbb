import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { OwnerDatabase } from '../platform/database/owner-database.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { violates } from '../platform/database/constraint-violation.js';
import { asTenantId, type TenantId } from '../platform/tenancy/tenant-id.js';
import type { Login, TokenPair } from './auth.dto.js';
import { EmailTakenError, InvalidRefreshTokenError } from './auth.errors.js';
import { PasswordHasher } from './password-hasher.js';
import { type SignInOrigin, SignInProof } from './sign-in-proof.js';
import { tenantOf } from './tenant-secret.js';
import { TokenPairs } from './token-pairs.js';

export type NewTenant = {
  readonly name: string;
  readonly locale?: 'es' | 'en' | 'pt';
  /** ISO 4217; for good. */
  readonly currency: string;
  /** IANA name. */
  readonly timezone?: string;
  readonly owner: { readonly email: string; readonly name: string; readonly password: string };
};

/** Of a sign-in that comes by no request. */
const NOWHERE: SignInOrigin = { address: '', userAgent: null };

@Injectable()
export class AuthService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly owner: OwnerDatabase,
    private readonly passwords: PasswordHasher,
    private readonly proof: SignInProof,
    private readonly tokens: TokenPairs,
  ) {}

  /**
   * @throws InvalidCredentialsError
   * @throws TooManySignInsError
   */
  async login(credentials: Login, origin: SignInOrigin = NOWHERE): Promise<TokenPair> {
    const person = await this.proof.prove(credentials, origin);
    return this.db.transaction(person.tenantId, (tx) => this.tokens.begin(tx, person, origin));
  }

  /**
   * The next pair, with the role as it is now.
   *
   * @throws InvalidRefreshTokenError unknown, expired, its session ended, or used before: then its session ends
   */
  async refresh(token: string): Promise<TokenPair> {
    const tenantId = tenantOf('drt', token);
    const pair = tenantId && (await this.db.transaction(tenantId, (tx) => this.tokens.next(tx, tenantId, token)));
    if (!pair) throw new InvalidRefreshTokenError();
    return pair;
  }

  /** Ends this sign-in; a token that is not known any more has nothing to end. */
  async logout(token: string): Promise<void> {
    const tenantId = tenantOf('drt', token);
    if (tenantId) await this.db.transaction(tenantId, (tx) => this.tokens.end(tx, tenantId, token));
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
}
