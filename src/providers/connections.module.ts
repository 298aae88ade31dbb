import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BotsModule } from '../bots/bots.module.js';
import { ConnectionChecks } from './connections/connection-checks.service.js';
import { ConnectionCredentials } from './connections/connection-credentials.js';
import { Connection } from './connections/connection.entity.js';
import { ConnectionsController } from './connections/connections.controller.js';
import { ProviderListController } from './connections/provider-list.controller.js';
import { ConnectionsService } from './connections.service.js';
import { LinesService } from './delivery/lines.service.js';
import { ProviderStrategiesModule } from './provider-strategies.module.js';

@Module({
  imports: [TypeOrmModule.forFeature([Connection]), BotsModule, ProviderStrategiesModule],
  controllers: [ConnectionsController, ProviderListController],
  providers: [ConnectionChecks, ConnectionCredentials, ConnectionsService, LinesService],
  exports: [ConnectionsService, LinesService],
})
export class ConnectionsModule {}
