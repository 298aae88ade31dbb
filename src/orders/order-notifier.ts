import type { EntityManager } from 'typeorm';
import type { TenantId } from '../platform/tenancy/tenant-id.js';

export type PlacedOrderNotice = {
  readonly order: {
    readonly id: string;
    readonly number: number;
    /** Another revision, another notice: whoever gets an order back is told again. */
    readonly revision: number;
    /** Minor units of `currency`. */
    readonly totalMinor: number;
    readonly currency: string;
    readonly note: string | null;
    readonly lines: readonly { readonly name: string; readonly quantity: number }[];
  };
  /** `phone` in E.164. */
  readonly seller: { readonly id: string; readonly name: string; readonly phone: string };
  readonly contact: { readonly id: string; readonly name: string | null; readonly phone: string | null };
  /** The bot the order came by; null for one made by hand without a bot. */
  readonly botId: string | null;
  readonly conversationId: string | null;
};

/** `key`: under which the outcome will be told. */
export type BegunNotice =
  | { readonly state: 'pending'; readonly key: string }
  | { readonly state: 'impossible'; readonly reason: 'no_connection' };

export type MovedOrderNotice = {
  readonly orderId: string;
  readonly state: string;
  readonly botId: string | null;
  readonly conversationId: string | null;
  readonly customer: { readonly name: string | null; readonly phone: string | null };
  /** In the customer's language. */
  readonly text: string;
};

/**
 * A port: orders say that a seller got an order, or what a customer is to know of theirs, and whoever can talk to them
 * registers itself with OrderNotices. Called inside the transaction that changes the order, so what is to be sent commits with it.
 */
export abstract class OrderNotifier {
  /** @returns null when this process tells nobody */
  abstract orderPlaced(tx: EntityManager, tenantId: TenantId, notice: PlacedOrderNotice): Promise<BegunNotice | null>;
  abstract orderMoved(tx: EntityManager, tenantId: TenantId, notice: MovedOrderNotice): Promise<void>;
}
