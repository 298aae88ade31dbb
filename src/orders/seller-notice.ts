import type { EntityManager } from 'typeorm';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { applyChange } from './order-changes.js';
import type { BegunNotice } from './order-notifier.js';
import type { SellerNoticeState } from './order-state.js';
import { Order } from './order.entity.js';

type Outcome = {
  readonly state: SellerNoticeState;
  /** A code; null when it went well. */
  readonly reason: string | null;
  /** In words, for the history. */
  readonly note: string | null;
  readonly at: Date;
};

/** Of an order nobody was told of. */
export const NO_NOTICE = { sellerNotice: null, sellerNoticeKey: null, sellerNoticeReason: null, sellerNoticeAt: null };

const UNTOLD: readonly (SellerNoticeState | null)[] = ['failed', 'impossible'];

/** Of a locked order whose seller is being told. */
export async function beginSellerNotice(
  tx: EntityManager,
  tenantId: TenantId,
  order: Order,
  begun: BegunNotice | null,
  now: Date,
): Promise<void> {
  if (begun === null) return;
  const { state } = begun;
  const key = state === 'pending' ? begun.key : null;
  await tx.getRepository(Order).update({ id: order.id, tenantId }, { sellerNoticeKey: key });
  const reason = state === 'pending' ? null : begun.reason;
  await recordSellerNotice(tx, tenantId, order, { state, reason, note: null, at: now });
}

/** That a seller cannot be told, or was told after all, is a change of the order: a person may have to act. */
export async function recordSellerNotice(
  tx: EntityManager,
  tenantId: TenantId,
  order: Order,
  { state, reason, note, at }: Outcome,
): Promise<void> {
  const fields = { sellerNotice: state, sellerNoticeReason: reason, sellerNoticeAt: at };
  if (!UNTOLD.includes(state) && !UNTOLD.includes(order.sellerNotice)) {
    await tx.getRepository(Order).update({ id: order.id, tenantId }, fields);
    return;
  }
  const words = [state, reason, note].filter((part) => part !== null).join(': ');
  await applyChange(tx, tenantId, order, { kind: 'notice', fields, actor: 'delivery', note: words, now: at });
}
