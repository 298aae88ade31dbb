import { Module } from '@nestjs/common';
import { BotsModule } from '../bots/bots.module.js';
import { ConnectionsModule } from '../connections/connections.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { MediaModule } from '../media/media.module.js';
import { ProvidersModule } from '../providers/providers.module.js';
import { EvolutionWebhookController } from './evolution/evolution-webhook.controller.js';
import { EvolutionAdapter } from './evolution/evolution.adapter.js';
import { InboundFiles } from './files/inbound-files.js';
import { MediaSources } from './files/media-sources.js';
import { OfficialWebhookController } from './official/official-webhook.controller.js';
import { OfficialAdapter } from './official/official.adapter.js';
import { ReadMarks } from './read-marks.js';
import { ReceiverModule } from './receiver.module.js';
import { SimulatorChatService } from './simulator/simulator-chat.service.js';
import { SimulatorStatuses } from './simulator/simulator-statuses.js';
import { SimulatorController } from './simulator/simulator.controller.js';
import { TwilioWebhookController } from './twilio/twilio-webhook.controller.js';
import { TwilioAdapter } from './twilio/twilio.adapter.js';

/** What comes in by webhook: proved, read, and durable before it is answered. */
@Module({
  imports: [BotsModule, ConnectionsModule, ConversationsModule, MediaModule, ProvidersModule, ReceiverModule],
  controllers: [OfficialWebhookController, TwilioWebhookController, EvolutionWebhookController, SimulatorController],
  providers: [
    EvolutionAdapter,
    InboundFiles,
    MediaSources,
    OfficialAdapter,
    ReadMarks,
    SimulatorChatService,
    SimulatorStatuses,
    TwilioAdapter,
  ],
})
export class ReceivingModule {}
