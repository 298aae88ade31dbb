import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { EventLogService } from '../../src/analytics/event-log.service.js';
import type { Caller } from '../../src/auth/tenant.decorator.js';
import type { ActionContext } from '../../src/flows/action-registry.service.js';
import { CartService } from '../../src/orders/cart.service.js';
import { CustomerOrders } from '../../src/orders/customer-orders.service.js';
import { OrderAssignment } from '../../src/orders/order-assignment.service.js';
import { OrderEdits } from '../../src/orders/order-edits.service.js';
import { OrderEvent } from '../../src/orders/order-event.entity.js';
import { OrderLifecycle } from '../../src/orders/order-lifecycle.service.js';
import { OrderLine } from '../../src/orders/order-line.entity.js';
import { OrderMessages } from '../../src/orders/order-messages.service.js';
import { OrderNotes } from '../../src/orders/order-notes.service.js';
import { type MovedOrderNotice, OrderNotifier, type PlacedOrderNotice } from '../../src/orders/order-notifier.js';
import { OrderPlacement } from '../../src/orders/order-placement.service.js';
import { OrderRefunds } from '../../src/orders/order-refunds.service.js';
import { Order } from '../../src/orders/order.entity.js';
import { OrdersService } from '../../src/orders/orders.service.js';
import { Clock } from '../../src/platform/clock.js';
import type { TenantId } from '../../src/platform/tenancy/tenant-id.js';
import { Category } from '../../src/products/categories/category.entity.js';
import { CategoriesService } from '../../src/products/categories.service.js';
import { InventoryService } from '../../src/products/inventory.service.js';
import { ProductPictures } from '../../src/products/product-pictures.service.js';
import { Product } from '../../src/products/product.entity.js';
import type { CreateProduct } from '../../src/products/products.dto.js';
import { ProductsService } from '../../src/products/products.service.js';
import { StockService } from '../../src/products/stock.service.js';
import { VariantsService } from '../../src/products/variants.service.js';
import { SellerSettings } from '../../src/sellers/seller-settings.entity.js';
import { SellerWorkService } from '../../src/sellers/seller-work.service.js';
import { Seller } from '../../src/sellers/seller.entity.js';
import { SellersService } from '../../src/sellers/sellers.service.js';
import { openTestDatabase } from './database.js';

/** Stands still until a test moves it. */
export class FixedClock extends Clock {
  private at = new Date('2026-03-02T15:00:00.000Z');

  override now(): Date {
    return this.at;
  }

  pass(minutes: number): void {
    this.at = new Date(this.at.getTime() + minutes * 60_000);
  }
}

/** Keeps what sellers and customers would be told; `failWith` makes the telling fail. */
export class RecordingNotifier extends OrderNotifier {
  readonly told: PlacedOrderNotice[] = [];
  readonly moved: MovedOrderNotice[] = [];
  failWith: Error | null = null;

  override async orderPlaced(_tx: EntityManager, _tenantId: TenantId, notice: PlacedOrderNotice): Promise<null> {
    if (this.failWith) throw this.failWith;
    this.told.push(notice);
    return null;
  }

  override async orderMoved(_tx: EntityManager, _tenantId: TenantId, notice: MovedOrderNotice): Promise<void> {
    if (this.failWith) throw this.failWith;
    this.moved.push(notice);
  }
}

export type Commerce = Awaited<ReturnType<typeof openCommerce>>;

/** Products, sellers, carts and orders on a real database, without HTTP. */
export async function openCommerce() {
  const db = await openTestDatabase([Product, Category, Seller, SellerSettings, Order, OrderLine, OrderEvent]);
  const clock = new FixedClock();
  const notifier = new RecordingNotifier();
  const log = new EventLogService();
  const stock = new StockService();
  const pictures = new ProductPictures({ linkTo: (id) => `/media/${id}`, picturesAmong: async () => new Set() });
  const products = new ProductsService(db.tenants, clock, stock, pictures);
  const variants = new VariantsService(db.tenants, clock, stock, pictures);
  const categories = new CategoriesService(db.tenants, clock);
  const inventory = new InventoryService(db.tenants, clock, stock);
  const sellers = new SellersService(db.tenants, clock);
  const sellerWork = new SellerWorkService(db.tenants, clock);
  const messages = new OrderMessages(db.tenants, clock);
  const placement = new OrderPlacement(products, stock, sellers, log, notifier);
  const lifecycle = new OrderLifecycle(stock, log, messages, notifier);
  const cart = new CartService(products, stock);
  const orders = new OrdersService(db.tenants, clock, placement, lifecycle, sellers);
  const edits = new OrderEdits(db.tenants, clock, products, stock, sellers);
  const assignment = new OrderAssignment(db.tenants, clock, sellers, notifier);
  const refunds = new OrderRefunds(db.tenants, clock, stock, sellers);
  const notes = new OrderNotes(db.tenants, clock, sellers);
  const customers = new CustomerOrders(cart, placement, lifecycle);

  const makeUser = async (tenantId: TenantId, role: Caller['role'] = 'owner'): Promise<Caller> => {
    const userId = randomUUID();
    await db.owner.query(
      `insert into app_user (id, tenant_id, email, name, password_hash, role) values ($1, $2, $3, 'Ana', 'x', $4)`,
      [userId, tenantId, `${userId}@tienda.test`, role],
    );
    return { userId, tenantId, role };
  };
  const makeProduct = async (tenantId: TenantId, overrides: Partial<CreateProduct> = {}): Promise<string> => {
    const sku = `SKU-${randomUUID().slice(0, 8)}`;
    const { id } = await products.create(
      tenantId,
      {
        sku,
        name: { es: 'Café' },
        description: {},
        categoryId: null,
        priceMinor: 1000,
        currency: undefined,
        images: [],
        isActive: true,
        lowStockAt: 0,
        initialStock: 10,
        optionNames: [],
        variants: [],
        ...overrides,
      },
      randomUUID(),
    );
    return id;
  };
  /** The id of a category by its Spanish names from the top down. */
  const makeCategory = async (tenantId: TenantId, ...path: string[]): Promise<string> => {
    const [id = ''] = await db.tenants.transaction(tenantId, (tx) => categories.ensure(tx, tenantId, [path]));
    return id;
  };
  const makeContact = async (tenantId: TenantId, locale: 'es' | 'en' | 'pt' | null = null): Promise<string> => {
    const id = randomUUID();
    await db.owner.query(
      `insert into contact (id, tenant_id, name, phone, locale) values ($1, $2, 'Rosa', '+5215500000000', $3)`,
      [id, tenantId, locale],
    );
    return id;
  };
  const makeBot = async (tenantId: TenantId): Promise<string> => {
    const id = randomUUID();
    await db.owner.query(`insert into bot (id, tenant_id, name) values ($1, $2, 'Bot')`, [id, tenantId]);
    return id;
  };
  /** A customer in conversation with a bot of the tenant. */
  const makeCustomer = async (tenantId: TenantId, overrides: Partial<ActionContext> = {}): Promise<ActionContext> => ({
    tenantId,
    lang: 'es',
    now: clock.now(),
    conversationId: randomUUID(),
    effectKey: randomUUID(),
    botId: await makeBot(tenantId),
    contactId: await makeContact(tenantId),
    ...overrides,
  });
  /** INV-7 as numbers: the level, the ledger it must equal, and what nobody holds. */
  const stockOf = async (productId: string) => {
    const { rows } = await db.owner.query<{ level: number; ledger: number; held: number }>(
      `select on_hand as level,
         (select coalesce(sum(quantity), 0)::int from stock_movement where product_id = $1) as ledger,
         (select coalesce(sum(quantity), 0)::int from stock_hold where product_id = $1 and expires_at > $2) as held
       from stock_level where product_id = $1`,
      [productId, clock.now()],
    );
    const [row] = rows;
    if (!row) throw new Error('A product has a stock level');
    return { ...row, available: row.level - row.held };
  };
  return {
    db,
    clock,
    notifier,
    log,
    stock,
    products,
    variants,
    categories,
    inventory,
    sellers,
    sellerWork,
    placement,
    lifecycle,
    cart,
    orders,
    messages,
    edits,
    assignment,
    refunds,
    notes,
    customers,
    makeUser,
    makeProduct,
    makeCategory,
    makeContact,
    makeBot,
    makeCustomer,
    stockOf,
    /** In one transaction of the tenant. */
    inTenant: <T>(tenantId: TenantId, work: (tx: EntityManager) => Promise<T>) =>
      db.tenants.transaction(tenantId, work),
    count: async (table: string): Promise<number> => {
      const { rows } = await db.owner.query<{ n: number }>(`select count(*)::int as n from ${table}`);
      return rows[0]?.n ?? 0;
    },
  };
}
