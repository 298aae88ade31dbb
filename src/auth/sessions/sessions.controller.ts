import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type Page, type PageQuery, pageQuerySchema } from '../../platform/http/page.js';
import { Access } from '../access.decorator.js';
import { type Caller, CurrentUser } from '../tenant.decorator.js';
import { sessionPageSchema, type SessionView } from './sessions.dto.js';
import { SessionsService } from './sessions.service.js';

const idSchema = z.uuid();

@ApiTags('auth')
@Controller()
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Get('auth/sessions')
  @Access('session:own')
  @ApiOperation({ summary: 'Where you are signed in' })
  @ApiResponse({ status: 200, standardSchema: sessionPageSchema })
  listOwn(
    @CurrentUser() caller: Caller,
    @Query({ schema: pageQuerySchema }) page: PageQuery,
  ): Promise<Page<SessionView>> {
    return this.sessions.list(caller, page);
  }

  @Delete('auth/sessions')
  @Access('session:own')
  @HttpCode(204)
  @ApiOperation({ summary: 'Sign out everywhere else' })
  @ApiResponse({ status: 204 })
  endOthers(@CurrentUser() caller: Caller): Promise<void> {
    return this.sessions.endOthers(caller);
  }

  @Delete('auth/sessions/:id')
  @Access('session:own')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  endOwn(@CurrentUser() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<void> {
    return this.sessions.end(caller, id);
  }

  @Get('users/:userId/sessions')
  @Access('users:read')
  @ApiResponse({ status: 200, standardSchema: sessionPageSchema })
  list(
    @CurrentUser() caller: Caller,
    @Param('userId', { schema: idSchema }) userId: string,
    @Query({ schema: pageQuerySchema }) page: PageQuery,
  ): Promise<Page<SessionView>> {
    return this.sessions.list(caller, page, userId);
  }

  @Delete('users/:userId/sessions/:id')
  @Access('users:write')
  @HttpCode(204)
  @ApiResponse({ status: 204 })
  @ApiResponse({ status: 403, description: 'owner_only: only an owner ends an owner’s session' })
  end(
    @CurrentUser() caller: Caller,
    @Param('userId', { schema: idSchema }) userId: string,
    @Param('id', { schema: idSchema }) id: string,
  ): Promise<void> {
    return this.sessions.end(caller, id, userId);
  }
}
