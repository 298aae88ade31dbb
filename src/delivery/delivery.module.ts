import { Module } from '@nestjs/common';
import { ConnectionsModule } from '../connections/connections.module.js';
import { MediaModule } from '../media/media.module.js';
import { Clock } from '../platform/clock.js';
import { RedisClients } from '../platform/redis.js';
import { ProvidersModule } from '../providers/providers.module.js';
import { DELIVERY_METRIC_PROVIDERS, DeliveryMetrics } from './delivery.metrics.js';
import { DispatcherService } from './dispatcher.js';
import { FailedSendRetries } from './failed-send-retries.js';
import { FailedSends } from './failed-sends.js';
import { SendLimits } from './limits/send-limits.js';
import { SharedSendLimits } from './limits/shared-send-limits.js';
import { OutboundFiles } from './outbound-files.js';
import { OutboxGauges } from './outbox/outbox-gauges.js';
import { OutboxQueries } from './outbox/outbox.queries.js';
import { OutcomeRecorder } from './outbox/outcome-recorder.js';
import { ProviderCalls } from './provider-calls.js';
import { UnconfirmedSends } from './unconfirmed-sends.js';
import { UnknownSends } from './unknown-sends.js';
import { ReconcilerService } from './reconciler.js';
import { Sender } from './sender.js';
import { Arrivals } from './arrivals.js';
import { DeliveryStatusService } from './statuses/delivery-status.service.js';
import { KeptStatuses } from './statuses/kept-statuses.service.js';

/** What goes out: from the outbox by a connection to a provider, and what becomes of it. */
@Module({
  imports: [ConnectionsModule, MediaModule, ProvidersModule],
  providers: [
    ...DELIVERY_METRIC_PROVIDERS,
    DeliveryMetrics,
    Arrivals,
    DeliveryStatusService,
    DispatcherService,
    FailedSendRetries,
    FailedSends,
    KeptStatuses,
    OutboundFiles,
    OutboxQueries,
    OutboxGauges,
    OutcomeRecorder,
    ProviderCalls,
    ReconcilerService,
    UnconfirmedSends,
    UnknownSends,
    {
      provide: SendLimits,
      inject: [RedisClients, Clock],
      useFactory: ({ commands }: RedisClients, clock: Clock) =>
        commands ? new SharedSendLimits(commands, clock) : new SendLimits(clock),
    },
    Sender,
  ],
  exports: [DeliveryStatusService, KeptStatuses, ProviderCalls],
})
export class DeliveryModule {}
