import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openCommerce, type Commerce } from '../../test/support/commerce.js';
import type { Caller } from '../auth/tenant.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { fillText, ORDER_MESSAGES } from './order-texts.js';

let shop: Commerce;
let tenantId: TenantId;
let owner: Caller;
beforeAll(async () => {
  shop = await openCommerce();
});
beforeEach(async () => {
  shop.notifier.moved.length = 0;
  tenantId = await shop.db.makeTenant();
  owner = await shop.makeUser(tenantId);
});
afterAll(() => shop.db.close());

const place = async (locale: 'es' | 'en' | 'pt' | null = null) => {
  const [contactId, productId] = [await shop.makeContact(tenantId, locale), await shop.makeProduct(tenantId)];
  return shop.orders.create(tenantId, owner, {
    contactId,
    lines: [{ productId, quantity: 1 }],
    note: null,
    botId: null,
  });
};
const confirm = async (id: string) => shop.orders.move(tenantId, owner, id, { to: 'confirmed', note: null });
const told = () => shop.notifier.moved.map(({ state, text }) => [state, text]);

describe('a customer', () => {
  it('is told in their own language when the shop moves the order, and not of what they placed themselves', async () => {
    await confirm((await place('pt')).id);
    await confirm((await place('en')).id);
    await confirm((await place()).id);
    expect(told()).toEqual([
      ['confirmed', 'Seu pedido #1 está confirmado.'],
      ['confirmed', 'Your order #2 is confirmed.'],
      ['confirmed', 'Tu pedido #3 está confirmado.'],
    ]);
  });

  it('is not told of what they did themselves', async () => {
    const { id } = await place();
    await shop.inTenant(tenantId, (tx) =>
      shop.lifecycle.move(tx, tenantId, id, {
        to: 'cancelled',
        actor: 'customer',
        by: null,
        note: null,
        now: shop.clock.now(),
      }),
    );
    expect(told()).toEqual([]);
  });

  it('is told what the shop wrote, and nothing where it switched the message off', async () => {
    await shop.messages.change(tenantId, 'placed', {
      isOn: true,
      texts: { es: '¡{name}! #{number}: {total}, {shop}' },
    });
    await shop.messages.change(tenantId, 'confirmed', { isOn: false });
    await confirm((await place()).id);
    expect(told()).toEqual([['placed', expect.stringMatching(/^¡Rosa! #1: \$10(\.00)?, Tienda /)]]);
  });

  it('INV-4: is told nothing of a move that is taken back', async () => {
    const { id } = await place();
    shop.notifier.failWith = new Error('half way');
    await expect(confirm(id)).rejects.toThrow('half way');
    shop.notifier.failWith = null;
    expect((await shop.orders.get(tenantId, owner, id)).state).toBe('placed');
  });
});

describe('the messages of a shop', () => {
  it('start with sensible ones, keep what is not given, and go back', async () => {
    const before = await shop.messages.list(tenantId);
    expect(before.map(({ state, isOn }) => [state, isOn])).toEqual([
      ['placed', false],
      ['confirmed', true],
      ['paid', true],
      ['shipped', true],
      ['delivered', false],
      ['cancelled', true],
      ['expiring', true],
    ]);
    expect(await shop.messages.change(tenantId, 'shipped', { texts: { es: 'Va.' } })).toMatchObject({
      isOn: true,
      isDefault: false,
      texts: { es: 'Va.', en: 'Your order #{number} is on its way.' },
    });
    await shop.messages.change(tenantId, 'shipped', { isOn: false });
    expect((await shop.messages.change(tenantId, 'shipped', { texts: { en: 'Off.' } })).texts).toMatchObject({
      es: 'Va.',
      en: 'Off.',
    });
    const other = await shop.db.makeTenant();
    expect(await shop.messages.list(other)).toEqual(before);
    expect(await shop.messages.reset(tenantId, 'shipped')).toEqual(before.find(({ state }) => state === 'shipped'));
    expect(await shop.messages.list(tenantId)).toEqual(before);
    expect(before).toHaveLength(ORDER_MESSAGES.length);
  });

  it('leave alone what is no word of theirs', () => {
    const words = { number: 7, totalMinor: 100, currency: 'MXN', name: null, shop: 'Aurora' };
    expect(fillText('{name}{nope}{toString} #{number}', words, 'es')).toBe('{nope}{toString} #7');
  });
});
