import 'reflect-metadata';
import { MODULE_METADATA } from '@nestjs/common/constants.js';
import { SocketFactory } from '../../src/providers/baileys/linked-socket.js';
import { DevicesModule } from '../../src/devices/devices.module.js';

/** The product as it is served, in this process, but for the sockets of its linked devices. */
export async function serveWithSockets(sockets: SocketFactory): Promise<void> {
  const key = MODULE_METADATA.PROVIDERS;
  const providers = Reflect.getMetadata(key, DevicesModule) as { provide?: unknown }[];
  const others = providers.filter(({ provide }) => provide !== SocketFactory);
  if (others.length !== providers.length - 1) throw new Error('The sockets of linked devices are provided elsewhere');
  Reflect.defineMetadata(key, [...others, { provide: SocketFactory, useValue: sockets }], DevicesModule);
  await import('../../src/serve.js');
}
