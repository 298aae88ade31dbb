import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ConnectionsModule } from '../connections/connections.module.js';
import { ContactsModule } from '../contacts/contacts.module.js';
import { BaileysSocketFactory } from '../providers/baileys/baileys-socket-factory.js';
import { SocketFactory } from '../providers/baileys/linked-socket.js';
import { ProvidersModule } from '../providers/providers.module.js';
import { ReceiverModule } from '../receiving/receiver.module.js';
import { AuthState } from './auth-state.js';
import { BaileysProvider } from './baileys.provider.js';
import { LinkedEvents } from './events/linked-events.js';
import { LinkedIdentities } from './events/linked-identities.js';
import { LinkedInbound } from './events/linked-inbound.js';
import { LinkedStatuses } from './events/linked-statuses.js';
import { Placeholders } from './events/placeholders.js';
import { LinkCodes } from './link-codes.js';
import { LinkedCheck } from './linked-check.js';
import { LinkedDevicesController } from './linked-devices.controller.js';
import { LinkedDevicesService } from './linked-devices.service.js';
import { LinkedSessionRow } from './linked-session.entity.js';
import { OpenSessions } from './open-sessions.js';
import { SentMessages } from './sent-messages.js';
import { SessionEvents } from './sessions/session-parts.js';
import { SESSION_PROVIDERS } from './sessions/sessions.providers.js';

/** Linked devices: their sockets, keys and leases, what they receive, and the strategy that sends by them. */
@Module({
  imports: [
    TypeOrmModule.forFeature([LinkedSessionRow]),
    ConnectionsModule,
    ContactsModule,
    ProvidersModule,
    ReceiverModule,
  ],
  controllers: [LinkedDevicesController],
  providers: [
    { provide: SocketFactory, useClass: BaileysSocketFactory },
    AuthState,
    BaileysProvider,
    LinkCodes,
    LinkedCheck,
    LinkedDevicesService,
    LinkedEvents,
    LinkedIdentities,
    LinkedInbound,
    LinkedStatuses,
    OpenSessions,
    Placeholders,
    SentMessages,
    { provide: SessionEvents, useExisting: LinkedEvents },
    ...SESSION_PROVIDERS,
  ],
  exports: [LinkedDevicesService],
})
export class DevicesModule {}
