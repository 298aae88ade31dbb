import { Controller, Delete, Get, Query } from '@nestjs/common';
import { Id } from '../../platform/http/id.decorator.js';
import { Route } from '../../platform/http/route.decorator.js';
import { Tag } from '../../platform/http/tag.decorator.js';
import type { Page } from '../../platform/http/page.js';
import { Access } from '../access.decorator.js';
import { type Caller, CurrentUser } from '../tenant.decorator.js';
import { sessionPageSchema, type SessionView, type ListSessions, listSessionsSchema } from './sessions.dto.js';
import { SessionsService } from './sessions.service.js';

@Tag('auth')
@Controller()
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Get('auth/sessions')
  @Access('session:own')
  @Route({ summary: 'Where you are signed in', view: sessionPageSchema, problems: { 403: ['people_only'] } })
  listOwn(
    @CurrentUser() caller: Caller,
    @Query({ schema: listSessionsSchema }) page: ListSessions,
  ): Promise<Page<SessionView>> {
    return this.sessions.list(caller, page);
  }

  @Delete('auth/sessions')
  @Access('session:own')
  @Route({ summary: 'Sign out everywhere else', status: 204, problems: { 403: ['people_only'] } })
  endOthers(@CurrentUser() caller: Caller): Promise<void> {
    return this.sessions.endOthers(caller);
  }

  @Delete('auth/sessions/:id')
  @Access('session:own')
  @Route({
    summary: 'End one of your own sessions',
    status: 204,
    problems: { 403: ['people_only'], 404: ['session_not_found'] },
  })
  endOwn(@CurrentUser() caller: Caller, @Id() id: string): Promise<void> {
    return this.sessions.end(caller, id);
  }

  @Get('users/:userId/sessions')
  @Access('users:read')
  @Route({ summary: 'List where a user is signed in', view: sessionPageSchema, problems: { 404: ['user_not_found'] } })
  list(
    @CurrentUser() caller: Caller,
    @Id('userId') userId: string,
    @Query({ schema: listSessionsSchema }) page: ListSessions,
  ): Promise<Page<SessionView>> {
    return this.sessions.list(caller, page, userId);
  }

  @Delete('users/:userId/sessions/:id')
  @Access('users:write')
  @Route({
    summary: 'End a session of a user',
    status: 204,
    problems: {
      403: ['owner_only: only an owner ends an owner’s session'],
      404: ['session_not_found', 'user_not_found'],
    },
  })
  end(@CurrentUser() caller: Caller, @Id('userId') userId: string, @Id() id: string): Promise<void> {
    return this.sessions.end(caller, id, userId);
  }
}
