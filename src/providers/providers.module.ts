import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BotsModule } from '../bots/bots.module.js';
import { Clock } from '../platform/clock.js';
import { ENV, type Env } from '../platform/config/env.js';
import { ContactsModule } from '../contacts/contacts.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { LinkedEvents } from './baileys/linked-events.js';
import { LinkedInbound } from './baileys/linked-inbound.js';
import { LinkedNames } from './baileys/linked-names.js';
import { LinkedStatuses } from './baileys/linked-statuses.js';
import { Placeholders } from './baileys/placeholders.js';
import { LinkedDevicesController } from './baileys/sessions/linked-devices.controller.js';
import { LinkedSessionRow } from './baileys/sessions/linked-session.entity.js';
import { SessionEvents } from './baileys/sessions/session-parts.js';
import { SESSION_PROVIDERS } from './baileys/sessions/sessions.providers.js';
import { ConnectionsModule } from './connections.module.js';
import { DELIVERY_METRIC_PROVIDERS, DeliveryMetrics } from './delivery/delivery.metrics.js';
import { DeliveryStatusService } from './delivery/delivery-status.service.js';
import { Arrivals } from './delivery/arrivals.service.js';
import { Breakers } from './delivery/breakers.js';
import { DispatcherService } from './delivery/dispatcher.service.js';
import { LINE_METRIC_PROVIDERS, LineMetrics } from './delivery/line.metrics.js';
import { LineProber } from './delivery/line-prober.service.js';
import { OutboxQueries } from './delivery/outbox.queries.js';
import { OutcomeRecorder } from './delivery/outcome-recorder.js';
import { ProviderCalls } from './delivery/provider-calls.js';
import { ReconcilerService } from './delivery/reconciler.service.js';
import { SendLimits } from './delivery/send-limits.js';
import { SharedSendLimits } from './delivery/shared-send-limits.js';
import { Sender } from './delivery/sender.js';
import { SimulatorStatuses } from './delivery/simulator-statuses.js';
import { EvolutionWebhookController } from './evolution/evolution-webhook.controller.js';
import { EvolutionWebhookService } from './evolution/evolution-webhook.service.js';
import { OfficialNotices } from './official/official-notices.service.js';
import { OfficialWebhookController } from './official/official-webhook.controller.js';
import { OfficialWebhookService } from './official/official-webhook.service.js';
import { MediaModule } from '../media/media.module.js';
import { InboundFiles } from './media/inbound-files.js';
import { MediaSources } from './media/media-sources.js';
import { OutboundFiles } from './media/outbound-files.js';
import { ReadMarks } from './media/read-marks.js';
import { ProviderStrategiesModule } from './provider-strategies.module.js';
import { QrController } from './direct/qr.controller.js';
import { QrService } from './direct/qr.service.js';
import { SendController } from './direct/send.controller.js';
import { SendChecks } from './direct/send-checks.js';
import { SendService } from './direct/send.service.js';
import { SimulatorChatService } from './simulator/simulator-chat.service.js';
import { SimulatorController } from './simulator/simulator.controller.js';
import { TwilioWebhookController } from './twilio/twilio-webhook.controller.js';
import { TwilioWebhookService } from './twilio/twilio-webhook.service.js';
import { KeptStatuses } from './wire/kept-statuses.service.js';
import { WEBHOOK_LAG, WebhookMetrics } from './wire/webhook.metrics.js';

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
