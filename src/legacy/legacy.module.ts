import { Module } from '@nestjs/common';
import { BotsModule } from '../bots/bots.module.js';
import { ConnectionsModule } from '../connections/connections.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { MediaModule } from '../media/media.module.js';
import { QrController } from './qr.controller.js';
import { QrService } from './qr.service.js';
import { SendChecks } from './send-checks.js';
import { SendController } from './send.controller.js';
import { SendService } from './send.service.js';

/** The old adapter's service contract: /send, /status and /qr. */
@Module({
  imports: [BotsModule, ConnectionsModule, ConversationsModule, DeliveryModule, DevicesModule, MediaModule],
  controllers: [SendController, QrController],
  providers: [QrService, SendChecks, SendService],
})
export class LegacyModule {}
