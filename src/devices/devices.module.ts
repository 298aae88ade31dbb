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
import { SessionRestrictions } from './session-restrictions.js';
import { SessionJournal } from './sessions/session-journal.js';
import { SessionKeeper } from './sessions/session-keeper.js';
import { SessionLeases } from './sessions/session-leases.js';
import { SessionNews } from './sessions/session-news.js';
import { SessionSockets } from './sessions/session-sockets.js';
import { SessionTiming } from './sessions/session-timing.js';
import { SessionFactory } from './sessions/session.factory.js';
import { SESSION_METRIC_PROVIDERS, SessionMetrics } from './sessions/sessions.metrics.js';

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
    ...SESSION_METRIC_PROVIDERS,
    SessionFactory,
    SessionJournal,
    SessionKeeper,
    SessionLeases,
    SessionMetrics,
    SessionNews,
    SessionRestrictions,
    SessionSockets,
    SessionTiming,
  ],
  exports: [LinkedDevicesService],
})
export class DevicesModule {}
