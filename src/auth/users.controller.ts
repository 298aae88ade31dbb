import { Body, Controller, Get, Headers, Param, Patch, Post, Query, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Page } from '../platform/http/page.js';
import { RevisionEtagInterceptor } from '../platform/http/revision-etag.interceptor.js';
import { Cached } from '../platform/cache/cached.decorator.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
import { Problems } from '../platform/http/problems.decorator.js';
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

@ApiTags('users')
@Controller('users')
@UseInterceptors(RevisionEtagInterceptor)
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @Access('users:read')
  @Cached(['app_user'])
  @SparseFields(userViewSchema)
  @ApiResponse({ status: 200, standardSchema: userPageSchema })
  list(@Tenant() tenantId: TenantId, @Query({ schema: listUsersSchema }) page: ListUsers): Promise<Page<UserView>> {
    return this.users.list(tenantId, page);
  }

  @Post()
  @Access('users:write')
  @ApiResponse({ status: 201, standardSchema: userViewSchema })
  @Problems({ 403: ['owner_only: only an owner makes an owner'], 409: ['email_taken'] })
  create(@CurrentUser() caller: Caller, @Body({ schema: createUserSchema }) body: CreateUser): Promise<UserView> {
    return this.users.create(caller, body);
  }

  @Get(':id')
  @Access('users:read')
  @Cached(['app_user'])
  @SparseFields(userViewSchema)
  @ApiResponse({ status: 200, standardSchema: userViewSchema })
  @Problems({ 404: ['user_not_found'] })
  get(@Tenant() tenantId: TenantId, @Param('id', { schema: z.uuid() }) id: string): Promise<UserView> {
    return this.users.get(tenantId, id);
  }

  @Patch(':id')
  @Access('users:write')
  @ApiHeader({ name: 'if-match', required: false, description: 'The revision read before, in quotes' })
  @ApiResponse({ status: 200, standardSchema: userViewSchema })
  @Problems({
    403: ['owner_only: only an owner makes or changes an owner'],
    404: ['user_not_found'],
    409: ['last_owner'],
  })
  change(
    @CurrentUser() caller: Caller,
    @Param('id', { schema: z.uuid() }) id: string,
    @Body({ schema: changeUserSchema }) body: ChangeUser,
    @Headers('if-match') ifMatch?: string,
  ): Promise<UserView> {
    return this.users.change(caller, id, body, ifMatch);
  }
}
