import type { DynamicModule, Type } from '@nestjs/common';
import { AppModule, type AppOptions } from '../../src/app.module.js';
import { DeliveryModule } from '../../src/delivery/delivery.module.js';
import { DevicesModule } from '../../src/devices/devices.module.js';
import { IncomingMessagesModule } from '../../src/legacy/incoming-messages.module.js';
import { LegacyModule } from '../../src/legacy/legacy.module.js';
import { DatabaseModule } from '../../src/platform/database/database.module.js';
import { ReceivingModule } from '../../src/receiving/receiving.module.js';
import { PlatformModule } from '../../src/platform/platform.module.js';
import { type Shop, startTestApp, type TestApp } from './app.js';

/** Like `startTestApp`, with these features and nothing else running: no loops, no demo. */
export function startFeatures(features: Type[], variables: Record<string, string> = {}): Promise<TestApp> {
  return startTestApp(variables, ({ env, secrets, databaseUrl }: AppOptions): DynamicModule => ({
    module: AppModule,
    imports: [PlatformModule.forRoot(env, secrets), DatabaseModule.forRoot(databaseUrl), ...features],
  }));
}

/** Everything between a provider and a conversation. */
export const MESSAGING: readonly Type[] = [
  DeliveryModule,
  DevicesModule,
  ReceivingModule,
  LegacyModule,
  IncomingMessagesModule,
];

let people = 0;

/** Another person of the shop, signed in with this role. */
export async function signInAs(app: TestApp, shop: Shop, role: string): Promise<Shop> {
  people += 1;
  const email = `${role}-${people}@tienda.test`;
  const password = `clave-larga-${people}`;
  const made = await shop.call('POST', '/api/users', { email, name: role, password, role });
  if (made.status !== 201) throw new Error(`No user made: ${JSON.stringify(made.body)}`);
  const { body } = await app.call('POST', '/api/auth/login', { email, password });
  const authorization = `Bearer ${body.accessToken}`;
  return {
    ...shop,
    email,
    password,
    authorization,
    call: (method, path, input, headers = {}) => app.call(method, path, input, { authorization, ...headers }),
  };
}
