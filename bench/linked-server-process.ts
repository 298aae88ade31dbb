import 'reflect-metadata';
import { MODULE_METADATA } from '@nestjs/common/constants.js';
import { BaileysSocketFactory } from '../src/providers/baileys/baileys-socket-factory.js';
import { SocketFactory, type SocketConfig } from '../src/providers/baileys/linked-socket.js';
import { ProviderStrategiesModule } from '../src/providers/provider-strategies.module.js';
import { loadBaileys } from './baileys-package.js';

/** The real sockets, but to the server at WHATSAPP_URL, which is certified by WHATSAPP_ROOT. */
class LocalSocketFactory extends BaileysSocketFactory {
  override async open(config: SocketConfig) {
    (await loadBaileys()).WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(process.env['WHATSAPP_ROOT'] ?? '', 'hex');
    return super.open({ ...config, webSocketUrl: process.env['WHATSAPP_URL'] });
  }
}

const providers = Reflect.getMetadata(MODULE_METADATA.PROVIDERS, ProviderStrategiesModule) as { provide?: unknown }[];
providers[providers.findIndex(({ provide }) => provide === SocketFactory)] = {
  provide: SocketFactory,
  useValue: new LocalSocketFactory(),
} as { provide: unknown };
await import('../src/serve.js');
