import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ActionRegistry } from './action-registry.service.js';
import { DslController } from './dsl.controller.js';
import { Flow } from './flow.entity.js';
import { FlowDraftsService } from './flow-drafts.service.js';
import { FlowVersion } from './flow-version.entity.js';
import { FlowVersionsController } from './flow-versions.controller.js';
import { FlowsController } from './flows.controller.js';
import { FlowsService } from './flows.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Flow, FlowVersion])],
  controllers: [FlowsController, FlowVersionsController, DslController],
  providers: [ActionRegistry, FlowDraftsService, FlowsService],
  exports: [ActionRegistry, FlowDraftsService, FlowsService],
})
export class FlowsModule {}
