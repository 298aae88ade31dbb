import { Module } from '@nestjs/common';
import { BotsModule } from '../bots/bots.module.js';
import { ConnectionsModule } from '../connections/connections.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { ProvidersModule } from '../providers/providers.module.js';
import { QrController } from './qr.controller.js';
import { QrService } from './qr.service.js';
import { SendChecks } from './send-checks.js';
import { SendController } from './send.controller.js';
import { SendService } from './send.service.js';

/** The old adapter's service contract: /send, /status and /qr. */
@Module({
  imports: [BotsModule, ConnectionsModule, ConversationsModule, DevicesModule, ProvidersModule],
  controllers: [QrController, SendController],
  providers: [QrService, SendChecks, SendService],
})
export class LegacyModule {}
