import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BotsModule } from '../bots/bots.module.js';
import { ConnectionChecks } from './connection-checks.service.js';
import { ConnectionCredentials } from './connection-credentials.js';
import { Connection } from './connection.entity.js';
import { ConnectionsController } from './connections.controller.js';
import { ProviderListController } from './provider-list.controller.js';
import { ConnectionsService } from './connections.service.js';
import { LinesService } from './connection-directory.service.js';
import { ProviderStrategiesModule } from '../providers/providers.module.js';

@Module({
  imports: [TypeOrmModule.forFeature([Connection]), BotsModule, ProviderStrategiesModule],
  controllers: [ConnectionsController, ProviderListController],
  providers: [ConnectionChecks, ConnectionCredentials, ConnectionsService, LinesService],
  exports: [ConnectionsService, LinesService],
})
export class ConnectionsModule {}
