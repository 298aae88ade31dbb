import {
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type Type,
} from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { AuditModule } from './audit/audit.module.js';
import type { Env } from './platform/config/env.js';
import type { Secrets } from './platform/config/secrets.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { Loops } from './platform/loops/loops.js';
import { PlatformModule } from './platform/platform.module.js';
import { partsOf, type Feature } from './roles.js';

export type AppOptions = { readonly env: Env; readonly secrets: Secrets; readonly databaseUrl: string };

/** The list of features. Each is imported only where a role needs it, so that a small role starts fast and stays small. */
const FEATURES = {
  auth: async () => (await import('./auth/auth.module.js')).AuthModule,
  analytics: async () => (await import('./analytics/analytics.module.js')).AnalyticsModule,
  media: async () => (await import('./media/media.module.js')).MediaModule,
  flows: async () => (await import('./flows/flows.module.js')).FlowsModule,
  bots: async () => (await import('./bots/bots.module.js')).BotsModule,
  contacts: async () => (await import('./contacts/contacts.module.js')).ContactsModule,
  products: async () => (await import('./products/products.module.js')).ProductsModule,
  sellers: async () => (await import('./sellers/sellers.module.js')).SellersModule,
  orders: async () => (await import('./orders/orders.module.js')).OrdersModule,
  conversations: async () => (await import('./conversations/conversations.module.js')).ConversationsModule,
  incomingMessages: async () => (await import('./legacy/incoming-messages.module.js')).IncomingMessagesModule,
  receiving: async () => (await import('./receiving/receiving.module.js')).ReceivingModule,
  legacy: async () => (await import('./legacy/legacy.module.js')).LegacyModule,
  devices: async () => (await import('./devices/devices.module.js')).DevicesModule,
  delivery: async () => (await import('./delivery/delivery.module.js')).DeliveryModule,
  live: async () => (await import('./live/live.module.js')).LiveModule,
  webhooks: async () => (await import('./webhooks/webhooks.module.js')).WebhooksModule,
  health: async () => (await import('./health/health.module.js')).HealthModule,
  demo: async () => (await import('./demo/demo.module.js')).DemoModule,
} satisfies Record<Feature, () => Promise<Type>>;

@Module({})
export class AppModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(private readonly loops: Loops) {}

  /** This module's hooks are the last of a start and the first of a stop: loops find everything open. */
  onApplicationBootstrap(): void {
    this.loops.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loops.stop();
  }

  static async forRoot({ env, secrets, databaseUrl }: AppOptions): Promise<DynamicModule> {
    // The embedded Postgres opens with the demo shop, whatever the role.
    const names = new Set<Feature>([...partsOf(env.role).features, ...(env.databaseUrl ? [] : (['demo'] as const))]);
    const features = await Promise.all([...names].map((name) => FEATURES[name]()));
    return {
      module: AppModule,
      imports: [
        PlatformModule.forRoot(env, secrets),
        DatabaseModule.forRoot(databaseUrl),
        ScheduleModule.forRoot(),
        AuditModule,
        ...features,
      ],
    };
  }
}
