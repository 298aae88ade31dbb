import { Body, Controller, Delete, Get, Patch, Post, Query } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { type Caller, CurrentUser, Tenant } from '../auth/tenant.decorator.js';
import { RequestKey } from '../platform/http/idempotency.interceptor.js';
import type { Page } from '../platform/http/page.js';
import { IfMatch } from '../platform/http/etag.js';
import { Id } from '../platform/http/id.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
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

/** What people do with an order besides moving it. */
@Tag('orders')
@Controller('orders/:id')
export class OrderWorkController {
  constructor(
    private readonly edits: OrderEdits,
    private readonly assignment: OrderAssignment,
    private readonly refunds: OrderRefunds,
    private readonly notes: OrderNotes,
  ) {}

  @Patch()
  @Access('orders:write')
  @Route({
    summary: 'Correct an order; its lines, while it is placed',
    view: orderViewSchema,
    problems: {
      404: ['order_not_found'],
      409: ['order_not_editable: its lines change only while it is placed', 'out_of_stock'],
      422: ['unknown_product'],
    },
  })
  change(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Id() id: string,
    @Body({ schema: changeOrderSchema }) body: ChangeOrder,
    @IfMatch() ifMatch?: string,
  ): Promise<OrderView> {
    return this.edits.change(tenantId, caller, id, body, ifMatch);
  }

  @Post('assign')
  @Access('orders:write')
  @Route({
    summary: 'Hand an order to a seller, who is told',
    view: orderViewSchema,
    problems: { 404: ['order_not_found'], 422: ['unknown_seller: paused, or not there'] },
  })
  assign(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Id() id: string,
    @Body({ schema: assignOrderSchema }) body: AssignOrder,
    @IfMatch() ifMatch?: string,
  ): Promise<OrderView> {
    return this.assignment.assign(tenantId, caller, id, body, ifMatch);
  }

  @Post('refunds')
  @Access('orders:write')
  @Route({
    summary: 'Record money given back, and what came back with it',
    status: 201,
    view: orderViewSchema,
    problems: {
      404: ['order_not_found'],
      409: ['refund_too_high: more than was paid and not given back yet'],
      422: ['not_taken: more units than the order has'],
    },
  })
  refund(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Id() id: string,
    @Body({ schema: refundOrderSchema }) body: RefundOrder,
    @RequestKey() requestKey: string | null,
    @IfMatch() ifMatch?: string,
  ): Promise<OrderView> {
    return this.refunds.refund(tenantId, caller, id, body, { ifMatch, requestKey });
  }

  @Get('notes')
  @Access('orders:read')
  @Route({
    summary: 'What the people of the shop wrote about it',
    view: orderNotePageSchema,
    cached: { tables: ['order_note', 'sales_order', 'seller'], isPerCaller: true },
    problems: { 404: ['order_not_found'] },
  })
  listNotes(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Id() id: string,
    @Query({ schema: listOrderNotesSchema }) query: ListOrderNotes,
  ): Promise<Page<OrderNoteView>> {
    return this.notes.list(tenantId, caller, id, query);
  }

  @Post('notes')
  @Access('orders:write')
  @Route({
    summary: 'Write a note about an order',
    status: 201,
    view: orderNoteViewSchema,
    problems: { 404: ['order_not_found'] },
  })
  addNote(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Id() id: string,
    @Body({ schema: writeOrderNoteSchema }) { text }: WriteOrderNote,
  ): Promise<OrderNoteView> {
    return this.notes.add(tenantId, caller, id, text);
  }

  @Delete('notes/:noteId')
  @Access('orders:write')
  @Route({
    summary: 'Delete a note about an order',
    status: 204,
    problems: { 404: ['order_not_found', 'order_note_not_found'] },
  })
  deleteNote(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Id() id: string,
    @Id('noteId') noteId: string,
  ): Promise<void> {
    return this.notes.delete(tenantId, caller, id, noteId);
  }
}
