import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCommerce, type Commerce } from '../../test/support/commerce.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { OutOfStockError } from './products.errors.js';

let shop: Commerce;
let tenantId: TenantId;
beforeAll(async () => {
  shop = await openCommerce();
  tenantId = await shop.db.makeTenant();
});
afterAll(() => shop.db.close());

const holder = fc.constantFrom('cart:a', 'cart:b', 'cart:c');
const units = fc.integer({ min: 1, max: 12 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('adjust' as const), quantity: fc.integer({ min: -8, max: 8 }).filter((n) => n !== 0) }),
  fc.record({ kind: fc.constant('hold' as const), holder, quantity: units }),
  fc.record({ kind: fc.constant('sell' as const), holder: fc.option(holder), quantity: units }),
  fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(20) }),
  fc.record({ kind: fc.constant('release' as const), holder }),
  fc.record({ kind: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 25 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What the stock should be, kept in memory by the plainest rules. */
class Model {
  onHand = 10;
  readonly holds = new Map<string, { quantity: number; until: number }>();
  readonly sales: { orderId: string; quantity: number; isBack: boolean }[] = [];

  others(asking: string | null, now: number): number {
    const live = [...this.holds].filter(([name, { until }]) => name !== asking && until > now);
    return live.reduce((sum, [, { quantity }]) => sum + quantity, 0);
  }
}

async function run(productId: string, model: Model, step: Step): Promise<void> {
  const now = shop.clock.now();
  const at = now.getTime();
  const free = (asking: string | null) => model.onHand - model.others(asking, at);
  if (step.kind === 'pass') return shop.clock.pass(step.minutes);
  await shop.inTenant(tenantId, async (tx) => {
    const { stock } = shop;
    if (step.kind === 'release') {
      await stock.releaseAll(tx, tenantId, { holder: step.holder, now });
      model.holds.delete(step.holder);
    } else if (step.kind === 'cancel') {
      const sale = model.sales[step.which];
      if (!sale) return;
      await stock.putBack(tx, tenantId, { orderId: sale.orderId, by: null, now });
      if (!sale.isBack) model.onHand += sale.quantity;
      sale.isBack = true;
    } else if (step.kind === 'adjust') {
      const isPossible = free(null) + step.quantity >= 0;
      const change = {
        productId,
        quantity: step.quantity,
        reason: 'counted',
        note: null,
        by: randomUUID(),
        key: null,
        now,
      } as const;
      if (await went(() => stock.adjust(tx, tenantId, change), isPossible)) model.onHand += step.quantity;
    } else {
      const lines = [{ productId, quantity: step.quantity }];
      const isPossible = step.quantity <= free(step.holder);
      if (step.kind === 'hold') {
        const request = { holder: step.holder, lines, ttlMs: 30 * 60_000, now };
        if (await went(() => stock.hold(tx, tenantId, request), isPossible))
          model.holds.set(step.holder, { quantity: step.quantity, until: at + 30 * 60_000 });
      } else {
        const orderId = randomUUID();
        const sale = { orderId, holder: step.holder, lines, by: null, now };
        if (!(await went(() => stock.sell(tx, tenantId, sale), isPossible))) return;
        model.onHand -= step.quantity;
        if (step.holder !== null) model.holds.delete(step.holder);
        model.sales.push({ orderId, quantity: step.quantity, isBack: false });
      }
    }
  });
}

/** Runs it; it must be refused for want of stock exactly when the model says so. */
async function went(work: () => Promise<unknown>, isPossible: boolean): Promise<boolean> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof OutOfStockError)) throw error;
    expect(isPossible).toBe(false);
    return false;
  }
  expect(isPossible).toBe(true);
  return true;
}

describe('INV-7: whatever happens to a product', () => {
  it('the level equals the ledger and what is available is never negative', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const productId = await shop.makeProduct(tenantId, { initialStock: 10 });
        const model = new Model();
        for (const each of steps) {
          await run(productId, model, each);
          const { level, ledger, held, available } = await shop.stockOf(productId);
          expect({ level, ledger, held }).toEqual({
            level: model.onHand,
            ledger: model.onHand,
            held: model.others(null, shop.clock.now().getTime()),
          });
          expect(available).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 40 },
    );
  });
});
