import { Injectable } from '@nestjs/common';
import { nameAuthor } from '../platform/database/change.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { asTenantId } from '../platform/tenancy/tenant-id.js';
import type { Login } from './auth.dto.js';
import { InvalidCredentialsError } from './auth.errors.js';
import { Devices } from './devices.js';
import { PasswordHasher } from './password-hasher.js';
import type { Role } from './permissions.js';
import type { Origin } from './sessions/sessions.js';
import { SignInGate } from './sign-in-gate.js';
import type { Person } from './tenant.decorator.js';

type SignInRow = { id: string; tenant_id: string; password_hash: string; role: Role; is_active: boolean };
export type SignInOrigin = Origin & { readonly deviceToken?: string };

/** Sign-in knows an e-mail and no tenant; `find_sign_in` needs a transaction but no tenant's rows. */
const NO_TENANT = asTenantId('00000000-0000-0000-0000-000000000000');

/** Whose password it is. */
@Injectable()
export class SignInProof {
  constructor(
    private readonly db: TenantDatabase,
    private readonly passwords: PasswordHasher,
    private readonly gate: SignInGate,
    private readonly devices: Devices,
  ) {}

  /**
   * @throws InvalidCredentialsError after the same work whether or not the e-mail is known
   * @throws TooManySignInsError
   */
  async prove({ email, password }: Login, { address, deviceToken }: SignInOrigin): Promise<Person> {
    const attempt = { email, address, deviceId: this.devices.find(deviceToken, email) };
    await this.gate.admit(attempt);
    const user = await this.findRow(email);
    const isMatch = await this.passwords.matches(user?.password_hash ?? null, password);
    if (!user || !isMatch || !user.is_active) {
      await this.gate.failed(attempt);
      throw new InvalidCredentialsError();
    }
    await this.gate.passed(attempt);
    const person = { tenantId: asTenantId(user.tenant_id), userId: user.id, role: user.role };
    nameAuthor(person.tenantId, `user:${person.userId}`);
    return person;
  }

  /** Somebody who may sign in; never tell a caller whether there is one. */
  async findPerson(email: string): Promise<Person | null> {
    const user = await this.findRow(email);
    return user?.is_active ? { tenantId: asTenantId(user.tenant_id), userId: user.id, role: user.role } : null;
  }

  private async findRow(email: string): Promise<SignInRow | null> {
    const rows = await this.db.transaction(NO_TENANT, (tx) =>
      tx.query<SignInRow[]>('select * from find_sign_in($1)', [email]),
    );
    return rows[0] ?? null;
  }
}
