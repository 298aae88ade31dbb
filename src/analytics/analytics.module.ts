import { Module } from '@nestjs/common';
import { AnalyticsController } from './analytics.controller.js';
import { AnalyticsService } from './analytics.service.js';
import { EventLogService } from './event-log.service.js';
import { LogShipper } from './log-shipper.js';
import { MessageLog } from './message-log.js';

@Module({
  controllers: [AnalyticsController],
  providers: [AnalyticsService, EventLogService, MessageLog, LogShipper],
  exports: [EventLogService],
})
export class AnalyticsModule {}
