import { Module } from '@nestjs/common';
import { BotsModule } from '../bots/bots.module.js';
import { Clock } from '../platform/clock.js';
import { ENV, type Env } from '../platform/config/env.js';
import { ContactsModule } from '../contacts/contacts.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { ConnectionsModule } from './connections.module.js';
import { DELIVERY_METRIC_PROVIDERS, DeliveryMetrics } from './delivery/delivery.metrics.js';
import { DeliveryStatusService } from './delivery/delivery-status.service.js';
import { Breakers } from './delivery/breakers.js';
import { DispatcherService } from './delivery/dispatcher.service.js';
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
import { ProviderStrategiesModule } from './provider-strategies.module.js';
import { SendController } from './direct/send.controller.js';
import { SendService } from './direct/send.service.js';
import { SimulatorChatService } from './simulator/simulator-chat.service.js';
import { SimulatorController } from './simulator/simulator.controller.js';
import { TwilioWebhookController } from './twilio/twilio-webhook.controller.js';
import { TwilioWebhookService } from './twilio/twilio-webhook.service.js';
import { WEBHOOK_LAG, WebhookMetrics } from './wire/webhook.metrics.js';

/** Ways to reach WhatsApp: connections, what comes in by webhook, what goes out by the outbox. */
@Module({
  imports: [BotsModule, ContactsModule, ConversationsModule, ConnectionsModule, ProviderStrategiesModule],
  controllers: [
    OfficialWebhookController,
    TwilioWebhookController,
    EvolutionWebhookController,
    SimulatorController,
    SendController,
  ],
  providers: [
    ...DELIVERY_METRIC_PROVIDERS,
    DeliveryMetrics,
    WEBHOOK_LAG,
    WebhookMetrics,
    DeliveryStatusService,
    Breakers,
    DispatcherService,
    EvolutionWebhookService,
    OfficialNotices,
    OfficialWebhookService,
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
    SendService,
    Sender,
    SimulatorChatService,
    SimulatorStatuses,
    TwilioWebhookService,
  ],
  exports: [ConnectionsModule],
})
export class ProvidersModule {}
