import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ENV, type Env } from '../platform/config/env.js';
import { PathPool } from '../platform/database/path-pool.js';
import { EmailTakenError } from './auth.errors.js';
import { AuthService } from './auth.service.js';

/** A database of one's own starts with one tenant and the person it belongs to. */
@Injectable()
export class FirstOwnerService {
  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly path: PathPool,
    private readonly auth: AuthService,
  ) {}

  /**
   * Does nothing once there is a tenant.
   *
   * @returns who was made; `password` only when we made that too: it is told once and kept nowhere
   */
  async ensure(): Promise<{ email: string; password: string | null } | null> {
    const [tenant] = await this.path.query('select 1 from tenant limit 1');
    if (tenant) return null;
    const { adminEmail: email, adminPassword, shopName: name, shopCurrency: currency } = this.env;
    const made = adminPassword === undefined ? randomBytes(12).toString('base64url') : null;
    const owner = { email, name: email, password: adminPassword ?? made ?? '' };
    try {
      await this.auth.createTenantWithOwner({ name, currency, owner });
    } catch (error) {
      // Another process that started at the same time was first.
      if (error instanceof EmailTakenError) return null;
      throw error;
    }
    return { email, password: made };
  }
}
