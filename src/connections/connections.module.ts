import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BotsModule } from '../bots/bots.module.js';
import { ProvidersModule } from '../providers/providers.module.js';
import { ConnectionChecks } from './connection-checks.service.js';
import { ConnectionCredentials } from './connection-credentials.js';
import { ConnectionDirectory } from './connection-directory.service.js';
import { Connection } from './connection.entity.js';
import { ConnectionsController } from './connections.controller.js';
import { ConnectionsService } from './connections.service.js';
import { Breakers } from './health/breakers.js';
import { CONNECTION_METRIC_PROVIDERS, ConnectionMetrics } from './health/connection.metrics.js';
import { ConnectionProber } from './health/connection-prober.js';
import { TemplateList } from './templates/template-list.service.js';
import { TemplateStates } from './templates/template-states.js';
import { TemplatesController } from './templates/templates.controller.js';
import { ProviderListController } from './provider-list.controller.js';

/** A bot's connections: how their tenant keeps them, how the message path finds them, and how well they are. */
@Module({
  imports: [TypeOrmModule.forFeature([Connection]), BotsModule, ProvidersModule],
  controllers: [ConnectionsController, ProviderListController, TemplatesController],
  providers: [
    ...CONNECTION_METRIC_PROVIDERS,
    Breakers,
    ConnectionChecks,
    ConnectionCredentials,
    ConnectionsService,
    ConnectionMetrics,
    ConnectionProber,
    ConnectionDirectory,
    TemplateList,
    TemplateStates,
  ],
  exports: [Breakers, ConnectionsService, ConnectionMetrics, ConnectionDirectory, TemplateStates],
})
export class ConnectionsModule {}
