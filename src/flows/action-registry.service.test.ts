import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ActionRegistry, defineAction } from './action-registry.service.js';
import { ActionError } from './flow.errors.js';

const action = (name: string) =>
  defineAction({ name, input: z.strictObject({}), output: z.object({}), errors: [], run: async () => ({}) });

describe('ActionRegistry', () => {
  it('lists what features registered, by name', () => {
    const registry = new ActionRegistry();
    registry.register(action('orders.place'));
    registry.register(action('cart.add'));
    expect(registry.list().map(({ name }) => name)).toEqual(['cart.add', 'orders.place']);
    expect(registry.find('cart.add')?.name).toBe('cart.add');
    expect(registry.find('cart.burn')).toBeNull();
  });

  it('refuses two actions of one name', () => {
    const registry = new ActionRegistry();
    registry.register(action('cart.add'));
    expect(() => registry.register(action('cart.add'))).toThrow('cart.add is registered twice');
  });
});

describe('ActionError', () => {
  it('carries the code a flow branches on and what it may tell', () => {
    const error = new ActionError('out_of_stock', 'Only 2 left', { details: { available: 2 } });
    expect(error).toMatchObject({ code: 'out_of_stock', message: 'Only 2 left', details: { available: 2 } });
    expect(new ActionError('no_seller')).toMatchObject({ message: 'no_seller', details: {} });
  });
});
