import 'reflect-metadata';
import { MODULE_METADATA } from '@nestjs/common/constants.js';
import { SocketFactory } from '../../src/providers/baileys/linked-socket.js';
import { ProviderStrategiesModule } from '../../src/providers/provider-strategies.module.js';
import { WitnessedWhatsApp } from './witnessed-whatsapp.js';

/** The product as it is served, but for WhatsApp: its linked devices connect to the witness on WITNESS_PORT. */
const witnessed = { provide: SocketFactory, useValue: new WitnessedWhatsApp(Number(process.env['WITNESS_PORT'])) };
const providers = Reflect.getMetadata(MODULE_METADATA.PROVIDERS, ProviderStrategiesModule) as { provide?: unknown }[];
const at = providers.findIndex(({ provide }) => provide === SocketFactory);
if (at < 0) throw new Error('Nobody provides the sockets of linked devices');
providers[at] = witnessed;
await import('../../src/serve.js');
