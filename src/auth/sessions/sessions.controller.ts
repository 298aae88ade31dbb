import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Page } from '../../platform/http/page.js';
import { SparseFields } from '../../platform/http/sparse-fields.js';
import { Problems } from '../../platform/http/problems.decorator.js';
import { Access } from '../access.decorator.js';
import { type Caller, CurrentUser } from '../tenant.decorator.js';
import {
  sessionPageSchema,
  type SessionView,
  type ListSessions,
  listSessionsSchema,
  sessionViewSchema,
} from './sessions.dto.js';
import { SessionsService } from './sessions.service.js';

const idSchema = z.uuid();

@ApiTags('auth')
@Controller()
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Get('auth/sessions')
  @Access('session:own')
  @SparseFields(sessionViewSchema)
  @ApiOperation({ summary: 'Where you are signed in' })
  @ApiResponse({ status: 200, standardSchema: sessionPageSchema })
  @Problems({ 403: ['people_only'] })
  listOwn(
    @CurrentUser() caller: Caller,
    @Query({ schema: listSessionsSchema }) page: ListSessions,
  ): Promise<Page<SessionView>> {
    return this.sessions.list(caller, page);
  }

  @Delete('auth/sessions')
  @Access('session:own')
  @HttpCode(204)
  @ApiOperation({ summary: 'Sign out everywhere else' })
  @ApiResponse({ status: 204 })
  @Problems({ 403: ['people_only'] })
  endOthers(@CurrentUser() caller: Caller): Promise<void> {
    return this.sessions.endOthers(caller);
  }

  @Delete('auth/sessions/:id')
  @Access('session:own')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  @Problems({ 403: ['people_only'], 404: ['session_not_found'] })
  endOwn(@CurrentUser() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<void> {
    return this.sessions.end(caller, id);
  }

  @Get('users/:userId/sessions')
  @Access('users:read')
  @SparseFields(sessionViewSchema)
  @ApiResponse({ status: 200, standardSchema: sessionPageSchema })
  @Problems({ 404: ['user_not_found'] })
  list(
    @CurrentUser() caller: Caller,
    @Param('userId', { schema: idSchema }) userId: string,
    @Query({ schema: listSessionsSchema }) page: ListSessions,
  ): Promise<Page<SessionView>> {
    return this.sessions.list(caller, page, userId);
  }

  @Delete('users/:userId/sessions/:id')
  @Access('users:write')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  @Problems({
    403: ['owner_only: only an owner ends an owner’s session'],
    404: ['session_not_found', 'user_not_found'],
  })
  end(
    @CurrentUser() caller: Caller,
    @Param('userId', { schema: idSchema }) userId: string,
    @Param('id', { schema: idSchema }) id: string,
  ): Promise<void> {
    return this.sessions.end(caller, id, userId);
  }
}
