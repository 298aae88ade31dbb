import { Module } from '@nestjs/common';
import { BotsModule } from '../bots/bots.module.js';
import { ConnectionsModule } from '../connections/connections.module.js';
import { ContactsModule } from '../contacts/contacts.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { MediaModule } from '../media/media.module.js';
import { ProvidersModule } from '../providers/providers.module.js';
import { EvolutionWebhookController } from './evolution/evolution-webhook.controller.js';
import { EvolutionWebhookService } from './evolution/evolution-webhook.service.js';
import { InboundFiles } from './files/inbound-files.js';
import { MediaSources } from './files/media-sources.js';
import { OfficialNotices } from './official/official-notices.js';
import { OfficialWebhookController } from './official/official-webhook.controller.js';
import { OfficialWebhookService } from './official/official-webhook.service.js';
import { ReadMarks } from './read-marks.js';
import { SimulatorChatService } from './simulator/simulator-chat.service.js';
import { SimulatorController } from './simulator/simulator.controller.js';
import { TwilioWebhookController } from './twilio/twilio-webhook.controller.js';
import { TwilioWebhookService } from './twilio/twilio-webhook.service.js';
import { WEBHOOK_METRIC_PROVIDERS, WebhookMetrics } from './webhook.metrics.js';

/** What comes in by webhook: proved, read, and durable before it is answered. */
@Module({
  imports: [
    BotsModule,
    ConnectionsModule,
    ContactsModule,
    ConversationsModule,
    DeliveryModule,
    MediaModule,
    ProvidersModule,
  ],
  controllers: [OfficialWebhookController, TwilioWebhookController, EvolutionWebhookController, SimulatorController],
  providers: [
    ...WEBHOOK_METRIC_PROVIDERS,
    EvolutionWebhookService,
    InboundFiles,
    MediaSources,
    OfficialNotices,
    OfficialWebhookService,
    ReadMarks,
    SimulatorChatService,
    TwilioWebhookService,
    WebhookMetrics,
  ],
})
export class ReceivingModule {}
