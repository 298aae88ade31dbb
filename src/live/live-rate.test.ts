import { describe, expect, it } from 'vitest';
import { LiveRate } from './live-rate.js';

const takeMany = (rate: LiveRate, tenantId: string, count: number, nowMs: number) =>
  Array.from({ length: count }, () => rate.take(tenantId, nowMs)).filter(Boolean).length;

describe('the rate of live events', () => {
  it('is bounded for each tenant, whatever another does', () => {
    const rate = new LiveRate();
    expect(takeMany(rate, 'loud', 60, 0)).toBe(20);
    expect(takeMany(rate, 'quiet', 3, 10)).toBe(3);
  });

  it('begins anew each second', () => {
    const rate = new LiveRate();
    takeMany(rate, 'loud', 60, 0);
    expect(rate.take('loud', 999)).toBe(false);
    expect(rate.take('loud', 1000)).toBe(true);
  });

  it('is bounded for all tenants together', () => {
    const rate = new LiveRate();
    const told = Array.from({ length: 20 }, (_, n) => takeMany(rate, `tenant ${n}`, 20, 0));
    expect(told.reduce((sum, count) => sum + count)).toBe(300);
  });
});
