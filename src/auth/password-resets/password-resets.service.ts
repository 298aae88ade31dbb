import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { nameAuthor } from '../../platform/database/change.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { InvalidLinkError } from '../auth.errors.js';
import { PasswordHasher } from '../password-hasher.js';
import type { FinishPasswordReset } from '../passwords.dto.js';
import { Sessions } from '../sessions/sessions.js';
import { SessionVerifier } from '../sessions/session-verifier.js';
import { hashOf, tenantOf } from '../tenant-secret.js';
import { User } from '../user.entity.js';
import { PasswordReset } from './password-reset.entity.js';

@Injectable()
export class PasswordResetsService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly passwords: PasswordHasher,
    private readonly sessions: Sessions,
    private readonly verifier: SessionVerifier,
    private readonly clock: Clock,
  ) {}

  /**
   * Ends every session of the user, and every other link they were sent.
   *
   * @returns the e-mail, which has just been proved
   * @throws InvalidLinkError
   */
  async finish({ token, password }: FinishPasswordReset): Promise<string> {
    const tenantId = tenantOf('dpr', token);
    if (!tenantId) throw new InvalidLinkError();
    const where = { tenantId, tokenHash: hashOf(token) };
    const userId = await this.db.transaction(
      tenantId,
      async (tx) => (await tx.findOneBy(PasswordReset, where))?.userId,
    );
    if (userId === undefined) throw new InvalidLinkError();
    const passwordHash = await this.passwords.hash(password);
    nameAuthor(tenantId, `user:${userId}`);
    const email = await this.db.transaction(tenantId, async (tx) => {
      const now = this.clock.now();
      // The user first and locked, so that of two links used at once the second sees the first.
      const user = await tx.findOne(User, {
        where: { id: userId, tenantId, isActive: true },
        lock: { mode: 'pessimistic_write' },
      });
      const reset = await tx.findOneBy(PasswordReset, { ...where, usedAt: IsNull() });
      if (!user || !reset || reset.expiresAt <= now) throw new InvalidLinkError();
      await tx.update(PasswordReset, { tenantId, userId, usedAt: IsNull() }, { usedAt: now });
      const edits = { passwordHash, revision: user.revision + 1, updatedAt: now };
      await tx.update(User, { id: userId, tenantId }, edits);
      await this.sessions.endAll(tx, { tenantId, userId });
      return user.email;
    });
    this.verifier.forget();
    return email;
  }
}
