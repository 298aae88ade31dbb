import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { Login, UserMeView } from '../auth.dto.js';
import { Devices } from '../devices.js';
import { type SignInOrigin, SignInProof } from '../sign-in-proof.js';
import { UsersService } from '../users.service.js';
import { Sessions } from './sessions.js';

@Injectable()
export class CookieSessionsService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly proof: SignInProof,
    private readonly sessions: Sessions,
    private readonly devices: Devices,
    private readonly users: UsersService,
  ) {}

  /**
   * @returns what goes into the cookies, and who it is
   * @throws InvalidCredentialsError
   * @throws TooManySignInsError
   */
  async begin(
    credentials: Login,
    origin: SignInOrigin,
  ): Promise<{ secret: string; deviceToken: string; me: UserMeView }> {
    const person = await this.proof.prove(credentials, origin);
    const secret = await this.db.transaction(person.tenantId, (tx) =>
      this.sessions.beginWithCookie(tx, { tenantId: person.tenantId, userId: person.userId }, origin),
    );
    return { secret, deviceToken: this.devices.remember(credentials.email), me: await this.users.me(person) };
  }
}
