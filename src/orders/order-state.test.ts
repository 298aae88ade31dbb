import { describe, expect, it } from 'vitest';
import { CUSTOMER_MAY_CANCEL, ORDER_MOVES, ORDER_STATES, STATE_LABELS } from './order-state.js';

describe('the states of an order', () => {
  it('allow exactly the moves that are drawn', () => {
    expect(ORDER_MOVES).toEqual({
      placed: ['confirmed', 'cancelled'],
      confirmed: ['paid', 'cancelled'],
      paid: ['shipped', 'cancelled'],
      shipped: ['delivered'],
      delivered: [],
      cancelled: [],
    });
  });

  it('let a customer cancel only where anyone may, and never once money was taken', () => {
    expect(CUSTOMER_MAY_CANCEL.every((state) => ORDER_MOVES[state].includes('cancelled'))).toBe(true);
    expect(CUSTOMER_MAY_CANCEL).not.toContain('paid');
  });

  it('have a word in every language', () => {
    const words = ORDER_STATES.flatMap((state) => Object.values(STATE_LABELS[state]));
    expect(words).toHaveLength(ORDER_STATES.length * 3);
    expect(words).not.toContain('');
  });
});
