import { Injectable } from '@nestjs/common';
import { UsersService } from '../auth/users.service.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { DemoBot } from './demo-bot.js';
import { DemoCatalogue } from './demo-catalogue.js';

const ALL = { limit: 100, sort: 'createdAt' } as const;

/** Everything inside the demo's tenant. Fills in only what is missing, so running it again is harmless. */
@Injectable()
export class DemoShop {
  constructor(
    private readonly users: UsersService,
    private readonly catalogue: DemoCatalogue,
    private readonly bot: DemoBot,
  ) {}

  /**
   * @param chat whom the terminal chat signs in as
   * @returns the bot's id
   */
  async furnish(tenantId: TenantId, chat: { email: string; password: string }): Promise<string> {
    const { items: people } = await this.users.list(tenantId, ALL);
    const owner = people.find(({ role }) => role === 'owner');
    if (!owner) throw new TypeError('A tenant is made together with its owner');
    await this.catalogue.fill(tenantId, owner.id);
    if (!people.some(({ email }) => email === chat.email)) {
      const caller = { tenantId, userId: owner.id, role: owner.role };
      await this.users.create(caller, { ...chat, name: 'Chat de terminal', role: 'manager' });
    }
    return this.bot.open(tenantId, owner.id);
  }
}
