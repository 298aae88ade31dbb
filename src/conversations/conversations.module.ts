import { Module } from '@nestjs/common';
import { AnalyticsModule } from '../analytics/analytics.module.js';
import { BotsModule } from '../bots/bots.module.js';
import { FlowsModule } from '../flows/flows.module.js';
import { OrderNoticesModule } from '../orders/order-notices.module.js';
import { MediaModule } from '../media/media.module.js';
import { ConversationsController } from './conversations.controller.js';
import { conversationMetricProviders } from './conversations.metrics.js';
import { ConversationsService } from './conversations.service.js';
import { EffectRunner } from './effects/effect-runner.js';
import { EffectsExecutor } from './effects/effects-executor.js';
import { GroupMessagesController } from './groups/group-messages.controller.js';
import { GroupMessagesQueries } from './groups/group-messages.queries.js';
import { IngestService } from './inbox/ingest.service.js';
import { NotifyService } from './notify.service.js';
import { PositionsController } from './positions.controller.js';
import { PositionsService } from './positions.service.js';
import { SellerNotifier } from './seller-notifier.js';
import { FlowTurnEngine } from './turns/flow-turn-engine.js';
import { ReadModel } from './turns/read-model.js';
import { Suspects } from './turns/suspects.js';
import { Sweeper } from './turns/sweeper.js';
import { TurnBatch } from './turns/turn-batch.js';
import { TurnEngine } from './turns/turn-engine.js';
import { TurnLoop } from './turns/turn-loop.js';

@Module({
  imports: [AnalyticsModule, BotsModule, FlowsModule, MediaModule, OrderNoticesModule],
  controllers: [ConversationsController, GroupMessagesController, PositionsController],
  providers: [
    ...conversationMetricProviders,
    ConversationsService,
    GroupMessagesQueries,
    PositionsService,
    IngestService,
    NotifyService,
    SellerNotifier,
    { provide: TurnEngine, useClass: FlowTurnEngine },
    Suspects,
    ReadModel,
    TurnBatch,
    TurnLoop,
    Sweeper,
    EffectRunner,
    EffectsExecutor,
  ],
  exports: [ConversationsService, IngestService, NotifyService],
})
export class ConversationsModule {}
