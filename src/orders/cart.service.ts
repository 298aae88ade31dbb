import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ActionContext } from '../flows/action-registry.service.js';
import { ProductsService, type ProductOffer } from '../products/products.service.js';
import { UnknownProductError } from '../products/products.errors.js';
import { StockService, type StockLine } from '../products/stock.service.js';
import { MAX_LINES, MAX_QUANTITY } from './orders.dto.js';
import { CartLimitError } from './orders.errors.js';

/** How long a cart keeps its units from other buyers after the customer last touched it. */
const HOLD_MS = 30 * 60_000;

/** Money in minor units. `count` is in units. */
export type CartView = {
  readonly lines: {
    readonly productId: string;
    readonly sku: string;
    readonly name: string;
    readonly quantity: number;
    readonly unitPriceMinor: number;
    readonly totalMinor: number;
    readonly currency: string;
  }[];
  readonly count: number;
  readonly totalMinor: number;
  readonly currency: string;
  /** What the cart lost since it was last seen: its hold ran out and others bought, or it is no longer sold. */
  readonly changed?: {
    readonly productId: string;
    readonly name: string;
    readonly wanted: number;
    readonly quantity: number;
  }[];
};

type Cart = Pick<ActionContext, 'tenantId' | 'conversationId' | 'lang' | 'now'>;

/**
 * A conversation's cart. Touching it in any way renews the hold of every line for half an hour; a line whose hold had
 * run out gets what is still free, so a cart that has just been seen can be ordered.
 *
 * All methods run inside the caller's transaction; two on one cart wait for each other.
 */
@Injectable()
export class CartService {
  constructor(
    @Inject(ProductsService) private readonly products: ProductsService,
    @Inject(StockService) private readonly stock: StockService,
  ) {}

  async view(tx: EntityManager, cart: Cart): Promise<CartView> {
    return this.settle(tx, cart, await this.lockLines(tx, cart));
  }

  /**
   * Adds to what is in the cart already.
   *
   * @throws OutOfStockError the cart is as it was; `available` counts what it already has
   * @throws UnknownProductError
   * @throws CartLimitError more than 50 lines, or 999 units of one
   */
  async add(tx: EntityManager, cart: Cart, { productId, quantity }: StockLine): Promise<CartView> {
    const lines = await this.lockLines(tx, cart);
    const known = lines.find((line) => line.productId === productId);
    const wanted = { productId, quantity: (known?.quantity ?? 0) + quantity };
    if (!known && lines.length >= MAX_LINES) throw new CartLimitError(`A cart holds at most ${MAX_LINES} products`);
    if (wanted.quantity > MAX_QUANTITY) throw new CartLimitError(`At most ${MAX_QUANTITY} units of one product`);
    const all = known ? lines.map((line) => (line === known ? wanted : line)) : [...lines, wanted];
    return this.settle(tx, cart, all, productId);
  }

  /** Takes the product out; one that is not in the cart changes nothing. */
  async remove(tx: EntityManager, cart: Cart, productId: string): Promise<CartView> {
    const lines = await this.lockLines(tx, cart);
    const wanted = lines.map((line) => (line.productId === productId ? { productId, quantity: 0 } : line));
    return this.settle(tx, cart, wanted);
  }

  async clear(tx: EntityManager, cart: Cart): Promise<CartView> {
    const lines = await this.lockLines(tx, cart);
    const wanted = lines.map(({ productId }) => ({ productId, quantity: 0 }));
    return this.settle(tx, cart, wanted);
  }

  /** Nobody else changes this cart until the commit. Ordered by when a product was first added. */
  async lockLines(tx: EntityManager, { tenantId, conversationId }: Cart): Promise<StockLine[]> {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [holderOf(conversationId)]);
    return tx.query(
      `select product_id as "productId", quantity from cart_line
       where tenant_id = $1 and conversation_id = $2 order by added_at, product_id`,
      [tenantId, conversationId],
    );
  }

  /** Forgets the lines of a cart that has become an order; selling has used up its holds. */
  async close(tx: EntityManager, { tenantId, conversationId }: Cart): Promise<void> {
    await tx.query('delete from cart_line where tenant_id = $1 and conversation_id = $2', [tenantId, conversationId]);
  }

  /** The product `inFull` must be had in full; of the others as much as is free. */
  private async settle(
    tx: EntityManager,
    cart: Cart,
    wanted: readonly StockLine[],
    inFull: string | null = null,
  ): Promise<CartView> {
    const { tenantId, conversationId, lang, now } = cart;
    const ids = wanted.map(({ productId }) => productId);
    const offers = await this.products.findOffers(tx, tenantId, { ids, lang, now });
    if (inFull !== null && !offers.get(inFull)?.isActive) throw new UnknownProductError(inFull);
    const others = wanted.filter(({ productId }) => productId !== inFull);
    const granted = await this.stock.hold(tx, tenantId, {
      holder: holderOf(conversationId),
      lines: wanted.filter(({ productId }) => productId === inFull),
      ifFree: others.map((line) => (offers.get(line.productId)?.isActive ? line : { ...line, quantity: 0 })),
      ttlMs: HOLD_MS,
      now,
    });
    await this.write(tx, cart, granted);
    return toCartView(wanted, { granted, offers, currency: await this.products.getCurrency(tx, tenantId) });
  }

  private async write(tx: EntityManager, cart: Cart, quantities: ReadonlyMap<string, number>): Promise<void> {
    await tx.query(
      `with wanted as (select * from unnest($3::uuid[], $4::int[]) w(product_id, quantity)),
         gone as (delete from cart_line c using wanted w where c.tenant_id = $1 and c.conversation_id = $2
           and c.product_id = w.product_id and w.quantity = 0)
       insert into cart_line (tenant_id, conversation_id, product_id, quantity, added_at)
       select $1, $2, w.product_id, w.quantity, $5 from wanted w where w.quantity > 0
       on conflict (conversation_id, product_id) do update set quantity = excluded.quantity`,
      [cart.tenantId, cart.conversationId, [...quantities.keys()], [...quantities.values()], cart.now],
    );
  }
}

/** The name a conversation's holds stand under. */
export function holderOf(conversationId: string): string {
  return `cart:${conversationId}`;
}

function toCartView(
  wanted: readonly StockLine[],
  found: { granted: ReadonlyMap<string, number>; offers: ReadonlyMap<string, ProductOffer>; currency: string },
): CartView {
  const { granted, offers, currency } = found;
  const lines: CartView['lines'] = [];
  const changed: NonNullable<CartView['changed']> = [];
  for (const { productId, quantity: asked } of wanted) {
    const offer = offers.get(productId);
    const quantity = granted.get(productId) ?? 0;
    if (!offer) continue;
    const { sku, name, priceMinor: unitPriceMinor } = offer;
    if (quantity < asked) changed.push({ productId, name, wanted: asked, quantity });
    if (quantity > 0)
      lines.push({ productId, sku, name, quantity, unitPriceMinor, totalMinor: unitPriceMinor * quantity, currency });
  }
  const count = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const totalMinor = lines.reduce((sum, line) => sum + line.totalMinor, 0);
  return { lines, count, totalMinor, currency, ...(changed.length > 0 ? { changed } : {}) };
}
