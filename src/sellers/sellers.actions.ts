import { Injectable, type OnModuleInit } from '@nestjs/common';
import { z } from 'zod';
import { ActionRegistry, defineAction } from '../flows/action-registry.service.js';
import { ActionError } from '../flows/flow.errors.js';
import { SellersService } from './sellers.service.js';

/** What flows may ask about sellers. */
@Injectable()
export class SellersActions implements OnModuleInit {
  constructor(
    private readonly registry: ActionRegistry,
    private readonly sellers: SellersService,
  ) {}

  onModuleInit(): void {
    this.registry.register(
      defineAction({
        name: 'sellers.assign',
        input: z.strictObject({}),
        output: z.object({ id: z.uuid(), name: z.string() }),
        errors: ['no_seller'],
        run: async (tx, { tenantId, botId, now }) => {
          const seller = await this.sellers.assignNext(tx, tenantId, now, { botId });
          if (!seller) throw new ActionError('no_seller', 'No seller is active');
          return { id: seller.id, name: seller.name };
        },
      }),
    );
  }
}
