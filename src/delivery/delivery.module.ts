import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BotsModule } from '../bots/bots.module.js';
import { Clock } from '../platform/clock.js';
import { ENV, type Env } from '../platform/config/env.js';
import { ContactsModule } from '../contacts/contacts.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { LinkedEvents } from '../devices/events/linked-events.js';
import { LinkedInbound } from '../devices/events/linked-inbound.js';
import { LinkedNames } from '../devices/events/linked-identities.js';
import { LinkedStatuses } from '../devices/events/linked-statuses.js';
import { Placeholders } from '../devices/events/placeholders.js';
import { LinkedDevicesController } from '../devices/linked-devices.controller.js';
import { LinkedSessionRow } from '../devices/linked-session.entity.js';
import { SessionEvents } from '../devices/sessions/session-parts.js';
import { SESSION_PROVIDERS } from '../devices/sessions/sessions.providers.js';
import { ConnectionsModule } from '../connections/connections.module.js';
import { DELIVERY_METRIC_PROVIDERS, DeliveryMetrics } from './delivery.metrics.js';
import { DeliveryStatusService } from './statuses/delivery-status.service.js';
import { Arrivals } from './statuses/arrivals.js';
import { Breakers } from '../connections/health/breakers.js';
import { DispatcherService } from './dispatcher.js';
import { LINE_METRIC_PROVIDERS, LineMetrics } from '../connections/health/connection.metrics.js';
import { LineProber } from '../connections/health/connection-prober.js';
import { OutboxQueries } from './outbox/outbox.queries.js';
import { OutcomeRecorder } from './outbox/outcome-recorder.js';
import { ProviderCalls } from './provider-calls.js';
import { ReconcilerService } from './reconciler.js';
import { SendLimits } from './limits/send-limits.js';
import { SharedSendLimits } from './limits/shared-send-limits.js';
import { Sender } from './sender.js';
import { SimulatorStatuses } from './statuses/simulator-statuses.js';
import { EvolutionWebhookController } from '../receiving/evolution/evolution-webhook.controller.js';
import { EvolutionWebhookService } from '../receiving/evolution/evolution-webhook.service.js';
import { OfficialNotices } from '../receiving/official/official-notices.js';
import { OfficialWebhookController } from '../receiving/official/official-webhook.controller.js';
import { OfficialWebhookService } from '../receiving/official/official-webhook.service.js';
import { MediaModule } from '../media/media.module.js';
import { InboundFiles } from '../receiving/files/inbound-files.js';
import { MediaSources } from '../receiving/files/media-sources.js';
import { OutboundFiles } from './outbound-files.js';
import { ReadMarks } from '../receiving/read-marks.js';
import { ProviderStrategiesModule } from '../providers/providers.module.js';
import { QrController } from '../legacy/qr.controller.js';
import { QrService } from '../legacy/qr.service.js';
import { SendController } from '../legacy/send.controller.js';
import { SendChecks } from '../legacy/send-checks.js';
import { SendService } from '../legacy/send.service.js';
import { SimulatorChatService } from '../receiving/simulator/simulator-chat.service.js';
import { SimulatorController } from '../receiving/simulator/simulator.controller.js';
import { TwilioWebhookController } from '../receiving/twilio/twilio-webhook.controller.js';
import { TwilioWebhookService } from '../receiving/twilio/twilio-webhook.service.js';
import { KeptStatuses } from './statuses/kept-statuses.service.js';
import { WEBHOOK_LAG, WebhookMetrics } from '../receiving/webhook.metrics.js';

/** Ways to reach WhatsApp: connections, what comes in by webhook, what goes out by the outbox. */
@Module({
  imports: [
    TypeOrmModule.forFeature([LinkedSessionRow]),
    BotsModule,
    ContactsModule,
    ConversationsModule,
    ConnectionsModule,
    MediaModule,
    ProviderStrategiesModule,
  ],
  controllers: [
    OfficialWebhookController,
    TwilioWebhookController,
    EvolutionWebhookController,
    SimulatorController,
    SendController,
    QrController,
    LinkedDevicesController,
  ],
  providers: [
    ...DELIVERY_METRIC_PROVIDERS,
    ...LINE_METRIC_PROVIDERS,
    DeliveryMetrics,
    WEBHOOK_LAG,
    WebhookMetrics,
    KeptStatuses,
    DeliveryStatusService,
    Arrivals,
    Breakers,
    DispatcherService,
    EvolutionWebhookService,
    InboundFiles,
    MediaSources,
    OutboundFiles,
    ReadMarks,
    OfficialNotices,
    OfficialWebhookService,
    LineMetrics,
    LineProber,
    OutboxQueries,
    OutcomeRecorder,
    ProviderCalls,
    ReconcilerService,
    {
      provide: SendLimits,
      inject: [ENV, Clock],
      useFactory: ({ redisUrl }: Env, clock: Clock) =>
        redisUrl ? new SharedSendLimits(redisUrl, clock) : new SendLimits(clock),
    },
    QrService,
    ...SESSION_PROVIDERS,
    LinkedEvents,
    LinkedInbound,
    LinkedNames,
    LinkedStatuses,
    Placeholders,
    { provide: SessionEvents, useExisting: LinkedEvents },
    SendChecks,
    SendService,
    Sender,
    SimulatorChatService,
    SimulatorStatuses,
    TwilioWebhookService,
  ],
  exports: [ConnectionsModule],
})
export class ProvidersModule {}
