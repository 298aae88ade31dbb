import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth/auth.module.js';
import { DeliveryLog } from './deliveries/delivery-log.js';
import { DeliveryLogController } from './deliveries/delivery-log.controller.js';
import { StopMails } from './deliveries/stop-mails.js';
import { WebhookDeliveries } from './deliveries/webhook-deliveries.js';
import { WebhookCleanup } from './deliveries/webhook-cleanup.js';
import { WebhookFanOut } from './deliveries/webhook-fan-out.js';
import { WebhookSender } from './deliveries/webhook-sender.js';
import { WebhookStops } from './deliveries/webhook-stops.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksService } from './webhooks.service.js';

/** Tells integrators what happens. Other features say what with `emitEvent`. */
@Module({
  imports: [AuthModule, TypeOrmModule.forFeature([WebhookEndpoint])],
  controllers: [WebhooksController, DeliveryLogController],
  providers: [
    DeliveryLog,
    StopMails,
    WebhookDeliveries,
    WebhookFanOut,
    WebhookCleanup,
    WebhookSecrets,
    WebhookSender,
    WebhooksService,
    WebhookStops,
  ],
})
export class WebhooksModule {}
