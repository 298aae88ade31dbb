import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  UseInterceptors,
} from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { type Caller, CurrentUser, Tenant } from '../auth/tenant.decorator.js';
import { IF_MATCH } from '../platform/http/etag.js';
import { Idempotent, RequestKey } from '../platform/http/idempotency.interceptor.js';
import { Problems } from '../platform/http/problems.decorator.js';
import type { Page } from '../platform/http/page.js';
import { RevisionEtagInterceptor } from '../platform/http/revision-etag.interceptor.js';
import { Cached } from '../platform/cache/cached.decorator.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { OrderAssignment } from './order-assignment.service.js';
import { OrderEdits } from './order-edits.service.js';
import { OrderNotes } from './order-notes.service.js';
import { OrderRefunds } from './order-refunds.service.js';
import {
  type AssignOrder,
  assignOrderSchema,
  type ChangeOrder,
  changeOrderSchema,
  type ListOrderNotes,
  listOrderNotesSchema,
  orderNotePageSchema,
  type OrderNoteView,
  orderNoteViewSchema,
  type OrderView,
  orderViewSchema,
  type RefundOrder,
  refundOrderSchema,
  type WriteOrderNote,
  writeOrderNoteSchema,
} from './orders.dto.js';

const idParam = { schema: z.uuid() };

/** What people do with an order besides moving it. */
@ApiTags('orders')
@Controller('orders/:id')
@UseInterceptors(RevisionEtagInterceptor)
export class OrderWorkController {
  constructor(
    private readonly edits: OrderEdits,
    private readonly assignment: OrderAssignment,
    private readonly refunds: OrderRefunds,
    private readonly notes: OrderNotes,
  ) {}

  @Patch()
  @Access('orders:write')
  @ApiHeader(IF_MATCH)
  @ApiOperation({ summary: 'Correct an order; its lines, while it is placed' })
  @ApiResponse({ status: 200, standardSchema: orderViewSchema })
  @Problems({
    404: ['order_not_found'],
    409: ['order_not_editable: its lines change only while it is placed', 'out_of_stock'],
    422: ['unknown_product'],
  })
  change(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', idParam) id: string,
    @Body({ schema: changeOrderSchema }) body: ChangeOrder,
    @Headers('if-match') ifMatch?: string,
  ): Promise<OrderView> {
    return this.edits.change(tenantId, caller, id, body, ifMatch);
  }

  @Post('assign')
  @HttpCode(200)
  @Access('orders:write')
  @ApiHeader(IF_MATCH)
  @ApiOperation({ summary: 'Hand an order to a seller, who is told' })
  @ApiResponse({ status: 200, standardSchema: orderViewSchema })
  @Problems({ 404: ['order_not_found'], 422: ['unknown_seller: paused, or not there'] })
  assign(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', idParam) id: string,
    @Body({ schema: assignOrderSchema }) body: AssignOrder,
    @Headers('if-match') ifMatch?: string,
  ): Promise<OrderView> {
    return this.assignment.assign(tenantId, caller, id, body, ifMatch);
  }

  @Post('refunds')
  @Idempotent()
  @Access('orders:write')
  @ApiHeader(IF_MATCH)
  @ApiOperation({ summary: 'Record money given back, and what came back with it' })
  @ApiResponse({ status: 201, standardSchema: orderViewSchema })
  @Problems({
    404: ['order_not_found'],
    409: ['refund_too_high: more than was paid and not given back yet'],
    422: ['not_taken: more units than the order has'],
  })
  refund(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', idParam) id: string,
    @Body({ schema: refundOrderSchema }) body: RefundOrder,
    @RequestKey() requestKey: string | null,
    @Headers('if-match') ifMatch?: string,
  ): Promise<OrderView> {
    return this.refunds.refund(tenantId, caller, id, body, { ifMatch, requestKey });
  }

  @Get('notes')
  @Access('orders:read')
  @Cached(['order_note', 'sales_order', 'seller'], { isPerCaller: true })
  @SparseFields(orderNoteViewSchema)
  @ApiOperation({ summary: 'What the people of the shop wrote about it' })
  @ApiResponse({ status: 200, standardSchema: orderNotePageSchema })
  @Problems({ 404: ['order_not_found'] })
  listNotes(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', idParam) id: string,
    @Query({ schema: listOrderNotesSchema }) query: ListOrderNotes,
  ): Promise<Page<OrderNoteView>> {
    return this.notes.list(tenantId, caller, id, query);
  }

  @Post('notes')
  @Access('orders:write')
  @ApiResponse({ status: 201, standardSchema: orderNoteViewSchema })
  @Problems({ 404: ['order_not_found'] })
  addNote(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', idParam) id: string,
    @Body({ schema: writeOrderNoteSchema }) { text }: WriteOrderNote,
  ): Promise<OrderNoteView> {
    return this.notes.add(tenantId, caller, id, text);
  }

  @Delete('notes/:noteId')
  @HttpCode(204)
  @Access('orders:write')
  @ApiResponse({ status: 204 })
  @Problems({ 404: ['order_not_found', 'order_note_not_found'] })
  deleteNote(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Param('id', idParam) id: string,
    @Param('noteId', idParam) noteId: string,
  ): Promise<void> {
    return this.notes.delete(tenantId, caller, id, noteId);
  }
}
