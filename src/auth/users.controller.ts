import { Body, Controller, Get, Patch, Post, Query } from '@nestjs/common';
import type { Page } from '../platform/http/page.js';
import { IfMatch } from '../platform/http/etag.js';
import { Id } from '../platform/http/id.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { Access } from './access.decorator.js';
import { type Caller, CurrentUser, Tenant } from './tenant.decorator.js';
import {
  type ChangeUser,
  changeUserSchema,
  type CreateUser,
  createUserSchema,
  userPageSchema,
  type UserView,
  userViewSchema,
  type ListUsers,
  listUsersSchema,
} from './users.dto.js';
import { UsersService } from './users.service.js';

@Tag('users', 'The people who sign in, and how they are invited.')
@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @Access('users:read')
  @Route({ summary: 'List users, newest first', view: userPageSchema, cached: { tables: ['app_user'] } })
  list(@Tenant() tenantId: TenantId, @Query({ schema: listUsersSchema }) page: ListUsers): Promise<Page<UserView>> {
    return this.users.list(tenantId, page);
  }

  @Post()
  @Access('users:write')
  @Route({
    summary: 'Create a user with a first password',
    status: 201,
    view: userViewSchema,
    problems: { 403: ['owner_only: only an owner makes an owner'], 409: ['email_taken'] },
  })
  create(@CurrentUser() caller: Caller, @Body({ schema: createUserSchema }) body: CreateUser): Promise<UserView> {
    return this.users.create(caller, body);
  }

  @Get(':id')
  @Access('users:read')
  @Route({
    summary: 'Show one user',
    view: userViewSchema,
    cached: { tables: ['app_user'] },
    problems: { 404: ['user_not_found'] },
  })
  get(@Tenant() tenantId: TenantId, @Id() id: string): Promise<UserView> {
    return this.users.get(tenantId, id);
  }

  @Patch(':id')
  @Access('users:write')
  @Route({
    summary: 'Change a user: name, role, password, or whether they may sign in',
    view: userViewSchema,
    problems: {
      403: ['owner_only: only an owner makes or changes an owner'],
      404: ['user_not_found'],
      409: ['last_owner'],
    },
  })
  change(
    @CurrentUser() caller: Caller,
    @Id() id: string,
    @Body({ schema: changeUserSchema }) body: ChangeUser,
    @IfMatch() ifMatch?: string,
  ): Promise<UserView> {
    return this.users.change(caller, id, body, ifMatch);
  }
}
