import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditController } from './audit.controller.js';
import { AuditEntry } from './audit-entry.entity.js';
import { AuditInterceptor } from './audit.interceptor.js';
import { AuditQueries } from './audit.queries.js';
import { AuditPurge } from './audit-purge.js';

/** Importing it anywhere audits every route of the application. */
@Module({
  imports: [TypeOrmModule.forFeature([AuditEntry])],
  controllers: [AuditController],
  providers: [{ provide: APP_INTERCEPTOR, useClass: AuditInterceptor }, AuditQueries, AuditPurge],
})
export class AuditModule {}
