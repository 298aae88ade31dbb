import { Module } from '@nestjs/common';
import { ConnectionsModule } from '../connections/connections.module.js';
import { ContactsModule } from '../contacts/contacts.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { Notices } from './notices.js';
import { Receiver } from './receiver.js';
import { RECEIVING_METRIC_PROVIDERS, ReceivingMetrics } from './receiving.metrics.js';

/** The way in by itself, for whoever receives: webhooks, linked devices, the simulator. */
@Module({
  imports: [ConnectionsModule, ContactsModule, ConversationsModule, DeliveryModule],
  providers: [...RECEIVING_METRIC_PROVIDERS, Notices, Receiver, ReceivingMetrics],
  exports: [Receiver],
})
export class ReceiverModule {}
