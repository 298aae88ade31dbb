import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { NotSignedInError, PeopleOnlyError, WrongPasswordError } from './auth.errors.js';
import { PasswordHasher } from './password-hasher.js';
import type { ChangePassword } from './passwords.dto.js';
import { Sessions } from './sessions/sessions.js';
import { SessionVerifier } from './sessions/session-verifier.js';
import { SignInGate } from './sign-in-gate.js';
import type { Caller } from './tenant.decorator.js';
import { User } from './user.entity.js';

@Injectable()
export class OwnPasswordService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly passwords: PasswordHasher,
    private readonly gate: SignInGate,
    private readonly sessions: Sessions,
    private readonly verifier: SessionVerifier,
  ) {}

  /**
   * Ends every other session of the caller.
   *
   * @param address guesses are counted as those of a sign-in are, for whoever found a browser open
   * @throws WrongPasswordError
   * @throws TooManySignInsError
   */
  async change(caller: Caller, { currentPassword, newPassword }: ChangePassword, address: string): Promise<void> {
    const { tenantId, userId, role, sessionId } = caller;
    if (role === null) throw new PeopleOnlyError();
    const attempt = { email: `user:${userId}`, address, deviceId: sessionId ?? null };
    await this.gate.admit(attempt);
    const user = await this.db.transaction(tenantId, (tx) => tx.findOneBy(User, { id: userId, tenantId }));
    if (!user) throw new NotSignedInError();
    if (!(await this.passwords.matches(user.passwordHash, currentPassword))) {
      await this.gate.failed(attempt);
      throw new WrongPasswordError();
    }
    await this.gate.passed(attempt);
    const passwordHash = await this.passwords.hash(newPassword);
    await this.db.transaction(tenantId, async (tx) => {
      const edits = { passwordHash, revision: () => 'revision + 1', updatedAt: () => 'now()' };
      await tx.update(User, { id: userId, tenantId }, edits);
      await this.sessions.endAll(tx, { tenantId, userId }, sessionId);
    });
    this.verifier.forget();
  }
}
