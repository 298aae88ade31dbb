import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { outsideChanges } from '../../platform/database/change.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { OwnerOnlyError, TooManySignInsError, UserNotFoundError } from '../auth.errors.js';
import { accountOf } from '../devices.js';
import { OneTimeLinks } from '../one-time-links.js';
import type { OneTimeLinkView } from '../passwords.dto.js';
import type { RequestWindows } from '../request-windows.js';
import { REQUEST_WINDOWS } from '../sign-in-gate.js';
import { SignInProof } from '../sign-in-proof.js';
import { TenantProfile } from '../tenant.entity.js';
import type { Caller } from '../tenant.decorator.js';
import { hashOf, makeSecret } from '../tenant-secret.js';
import { toTenantView, type TenantView } from '../tenants.dto.js';
import { User } from '../user.entity.js';
import { PasswordReset } from './password-reset.entity.js';

const HOUR_MS = 3_600_000;
const MAILED_LIFE_MS = HOUR_MS;
/** Somebody has to pass it on by hand. */
const COPIED_LIFE_MS = 24 * HOUR_MS;
const MAILS_PER_HOUR = 3;
const ASKS_PER_HOUR = 60;

type Made = { readonly token: string; readonly expiresAt: Date; readonly user: User; readonly tenant: TenantView };

@Injectable()
export class ResetLinksService implements BeforeApplicationShutdown {
  private readonly logger = new Logger('PasswordResets');
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly db: TenantDatabase,
    private readonly links: OneTimeLinks,
    private readonly proof: SignInProof,
    private readonly clock: Clock,
    @Inject(REQUEST_WINDOWS) private readonly windows: RequestWindows,
  ) {}

  /**
   * Somebody forgot their password. Answers before it looks for the account, so that neither the answer nor its time
   * tells whether there is one; at most 3 mails an hour to an account.
   *
   * @throws TooManySignInsError from one address
   */
  async ask(email: string, address: string): Promise<void> {
    const asked = await this.windows.increment(`reset:address:${address}`, HOUR_MS, ASKS_PER_HOUR);
    if (asked.isBlocked) throw new TooManySignInsError(asked.timeToExpire);
    const mailed = await this.windows.increment(`reset:account:${accountOf(email)}`, HOUR_MS, MAILS_PER_HOUR);
    if (mailed.isBlocked) return;
    const work = outsideChanges(async () => {
      const person = await this.proof.findPerson(email);
      if (!person) return;
      const { token, user, tenant } = await this.make(person.tenantId, person.userId, MAILED_LIFE_MS);
      await this.links.mail('password-reset', token, user.email, tenant);
    }).catch((error: unknown) => this.logger.error({ err: error }, 'a password reset could not be mailed'));
    this.underWay.add(work);
    void work.finally(() => this.underWay.delete(work));
  }

  /**
   * For whoever keeps users to pass on.
   *
   * @throws UserNotFoundError unknown id, or another tenant's
   * @throws OwnerOnlyError an owner's, and the caller is none
   */
  async give(caller: Caller, userId: string): Promise<OneTimeLinkView> {
    const { tenantId } = caller;
    const { token, expiresAt, user, tenant } = await this.make(tenantId, userId, COPIED_LIFE_MS, ({ role }) => {
      if (role === 'owner' && caller.role !== 'owner') throw new OwnerOnlyError();
    });
    const isMailed = await this.links.mail('password-reset', token, user.email, tenant);
    return { link: this.links.linkOf('password-reset', token), expiresAt: expiresAt.toISOString(), isMailed };
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private make(
    tenantId: TenantId,
    userId: string,
    lifeMs: number,
    assertMay: (user: User) => void = () => undefined,
  ): Promise<Made> {
    const token = makeSecret('dpr', tenantId);
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + lifeMs);
    return this.db.transaction(tenantId, async (tx) => {
      const user = await tx.findOneBy(User, { id: userId, tenantId });
      if (!user) throw new UserNotFoundError(userId);
      assertMay(user);
      const reset = { id: randomUUID(), tenantId, userId, tokenHash: hashOf(token), expiresAt, createdAt: now };
      await tx.insert(PasswordReset, reset);
      const tenant = toTenantView(await tx.findOneByOrFail(TenantProfile, { id: tenantId }));
      return { token, expiresAt, user, tenant };
    });
  }
}
