import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AuthService } from '../auth/auth.service.js';
import { ENV, type Env } from '../platform/config/env.js';
import { PathPool } from '../platform/database/path-pool.js';
import { asTenantId } from '../platform/tenancy/tenant-id.js';
import { OWNER_NAME, SHOP } from './coffee-shop.js';
import { DemoShop } from './demo-shop.js';
import { readDemoSignIn, writeDemoSignIn, type DemoSignIn } from './demo-sign-in.js';

/** What the first start shows. `password`: only when we made it, and only this once. */
export type SeededDemo = { readonly email: string; readonly password: string | null };

const CHAT_EMAIL = 'chat@demo.local';

/**
 * A small shop for whoever starts DashOffice for the first time. Every step fills in only what is missing and the
 * sign-in file says whether the end was reached, so a seed that was killed half-way is finished by the next start.
 */
@Injectable()
export class DemoService {
  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly path: PathPool,
    private readonly auth: AuthService,
    private readonly shop: DemoShop,
  ) {}

  /**
   * For the embedded default only. Does nothing to a database that has tenants, unless they are our own unfinished work.
   *
   * @returns null when there was nothing to seed
   */
  async seedIfEmpty(): Promise<SeededDemo | null> {
    const tenants = await this.path.query<{ id: string }>('select id from tenant limit 2');
    const kept = await readDemoSignIn(this.env.dataDir);
    if (tenants.length === 0) return this.seed();
    if (!kept) return null;
    const [only] = tenants;
    if (!kept.isComplete && only && tenants.length === 1) return this.finish(only.id, kept);
    if (kept.url !== this.url()) await writeDemoSignIn(this.env.dataDir, { ...kept, url: this.url() });
    return null;
  }

  private async seed(): Promise<SeededDemo> {
    const { adminEmail, adminPassword, dataDir } = this.env;
    const signIn: DemoSignIn = {
      url: this.url(),
      email: CHAT_EMAIL,
      password: makePassword(),
      botId: null,
      isComplete: false,
      ownerEmail: adminEmail,
      ownerPassword: adminPassword === undefined ? makePassword() : null,
    };
    // Before the tenant: if we die in between, the password we made is not lost with us.
    await writeDemoSignIn(dataDir, signIn);
    const password = adminPassword ?? signIn.ownerPassword ?? '';
    const owner = { email: adminEmail, name: OWNER_NAME, password };
    const { tenantId } = await this.auth.createTenantWithOwner({ ...SHOP, owner });
    return this.finish(tenantId, signIn);
  }

  private async finish(tenantId: string, signIn: DemoSignIn): Promise<SeededDemo> {
    const { email, password, ownerEmail, ownerPassword } = signIn;
    const botId = await this.shop.furnish(asTenantId(tenantId), { email, password });
    const done = { ...signIn, url: this.url(), botId, isComplete: true, ownerPassword: null };
    await writeDemoSignIn(this.env.dataDir, done);
    return { email: ownerEmail, password: ownerPassword };
  }

  private url(): string {
    const host = this.env.host === '0.0.0.0' || this.env.host === '::' ? '127.0.0.1' : this.env.host;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.env.port}`;
  }
}

/** 96 bits in letters that are easy to copy. */
function makePassword(): string {
  return randomBytes(12).toString('base64url');
}
