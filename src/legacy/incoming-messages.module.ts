import { Module } from '@nestjs/common';
import { BotsModule } from '../bots/bots.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { IncomingMessagesController } from './incoming-messages.controller.js';
import { IncomingMessages } from './incoming-messages.js';

/** The old orchestrator's service contract: /message. Apart, because that role has nothing to do with providers. */
@Module({
  imports: [BotsModule, ConversationsModule],
  controllers: [IncomingMessagesController],
  providers: [IncomingMessages],
})
export class IncomingMessagesModule {}
