import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import type { Env } from './platform/config/env.js';
import type { Secrets } from './platform/config/secrets.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { PlatformModule } from './platform/platform.module.js';

export type AppOptions = { readonly env: Env; readonly secrets: Secrets; readonly databaseUrl: string };

/** The list of features. Each is imported when the process starts, so that a tool that needs few stays small. */
@Module({})
export class AppModule {
  static async forRoot({ env, secrets, databaseUrl }: AppOptions): Promise<DynamicModule> {
    const features = await Promise.all([
      import('./auth/auth.module.js').then(({ AuthModule }) => AuthModule),
      import('./analytics/analytics.module.js').then(({ AnalyticsModule }) => AnalyticsModule),
      import('./flows/flows.module.js').then(({ FlowsModule }) => FlowsModule),
      import('./bots/bots.module.js').then(({ BotsModule }) => BotsModule),
      import('./contacts/contacts.module.js').then(({ ContactsModule }) => ContactsModule),
      import('./products/products.module.js').then(({ ProductsModule }) => ProductsModule),
      import('./sellers/sellers.module.js').then(({ SellersModule }) => SellersModule),
      import('./orders/orders.module.js').then(({ OrdersModule }) => OrdersModule),
      import('./conversations/conversations.module.js').then(({ ConversationsModule }) => ConversationsModule),
      import('./providers/providers.module.js').then(({ ProvidersModule }) => ProvidersModule),
      import('./health/health.module.js').then(({ HealthModule }) => HealthModule),
      import('./demo/demo.module.js').then(({ DemoModule }) => DemoModule),
    ]);
    return {
      module: AppModule,
      imports: [
        PlatformModule.forRoot(env, secrets),
        DatabaseModule.forRoot(databaseUrl),
        ScheduleModule.forRoot(),
        ...features,
      ],
    };
  }
}
