import { Body, Controller, Get, Headers, Param, Patch, Post, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../auth/tenant.decorator.js';
import { etagOf } from '../platform/http/etag.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  changeVariantSchema,
  createVariantSchema,
  variantListSchema,
  variantViewSchema,
  type ChangeVariant,
  type CreateVariant,
  type VariantView,
} from './products.dto.js';
import { VariantsService } from './variants.service.js';

const idSchema = z.uuid();

@ApiTags('products')
@Controller('products/:id/variants')
export class VariantsController {
  constructor(private readonly variants: VariantsService) {}

  @Get()
  @Access('products:read')
  @ApiResponse({ status: 200, standardSchema: variantListSchema })
  async list(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: idSchema }) id: string,
  ): Promise<{ items: VariantView[] }> {
    return { items: await this.variants.list(tenantId, id) };
  }

  @Post()
  @Access('products:write')
  @ApiResponse({ status: 201, standardSchema: variantViewSchema })
  async add(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: createVariantSchema }) body: CreateVariant,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<VariantView> {
    return tagged(reply, await this.variants.add(tenantId, id, body, caller.userId));
  }

  @Patch(':variantId')
  @Access('products:write')
  @ApiResponse({ status: 200, standardSchema: variantViewSchema })
  async change(
    @Tenant() tenantId: TenantId,
    @Param('id', { schema: idSchema }) productId: string,
    @Param('variantId', { schema: idSchema }) variantId: string,
    @Body({ schema: changeVariantSchema }) body: ChangeVariant,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<VariantView> {
    return tagged(reply, await this.variants.change(tenantId, { productId, variantId }, body, ifMatch));
  }
}

function tagged(reply: FastifyReply, view: VariantView): VariantView {
  void reply.header('etag', etagOf(view.revision));
  return view;
}
