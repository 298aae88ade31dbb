import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BotsModule } from '../bots/bots.module.js';
import { ProvidersModule } from '../providers/providers.module.js';
import { ConnectionChecks } from './connection-checks.service.js';
import { ConnectionCredentials } from './connection-credentials.js';
import { LinesService } from './connection-directory.service.js';
import { Connection } from './connection.entity.js';
import { ConnectionsController } from './connections.controller.js';
import { ConnectionsService } from './connections.service.js';
import { Breakers } from './health/breakers.js';
import { LINE_METRIC_PROVIDERS, LineMetrics } from './health/connection.metrics.js';
import { LineProber } from './health/connection-prober.js';
import { ProviderListController } from './provider-list.controller.js';

/** A bot's connections: how their tenant keeps them, how the message path finds them, and how well they are. */
@Module({
  imports: [TypeOrmModule.forFeature([Connection]), BotsModule, ProvidersModule],
  controllers: [ConnectionsController, ProviderListController],
  providers: [
    ...LINE_METRIC_PROVIDERS,
    Breakers,
    ConnectionChecks,
    ConnectionCredentials,
    ConnectionsService,
    LineMetrics,
    LineProber,
    LinesService,
  ],
  exports: [Breakers, ConnectionsService, LineMetrics, LinesService],
})
export class ConnectionsModule {}
