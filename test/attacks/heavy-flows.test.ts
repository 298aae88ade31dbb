import { afterAll, describe, expect, it } from 'vitest';
import { HEAVY_FLOWS, setting, timeTurns } from './heavy-flows.js';
import { searchHeavyFlows } from './heavy-search.js';

/** Of processor time: many times what the work of a turn is meant to take, for machines and moments that are slow. */
const BOUND_MS = 500;
const SEARCH_MS = 3000;

describe('the dearest flows there are', () => {
  const took: string[] = [];
  afterAll(() => {
    process.stdout.write(
      `dearest turns, ms of processor time:\n${took.toSorted().toReversed().slice(0, 8).join('\n')}\n`,
    );
  });

  it.each(HEAVY_FLOWS)('$name: end in a moment', (flow) => {
    const { worstMs, ends } = timeTurns(flow);
    took.push(`${worstMs.toFixed(1).padStart(7)} ${flow.name}: ${ends[0]}`);
    expect(worstMs).toBeLessThan(BOUND_MS);
    expect(ends).not.toContain('TurnTimeError');
  });

  it('found by chance end in a moment', () => {
    const { ran, dearest } = searchHeavyFlows(7, SEARCH_MS);
    took.push(
      ...dearest.slice(0, 3).map(({ worstMs, name }) => `${worstMs.toFixed(1).padStart(7)} ${name.slice(0, 120)}`),
    );
    expect(ran).toBeGreaterThan(3);
    expect(dearest[0]?.worstMs).toBeLessThan(BOUND_MS);
  });

  it('are counted, so that they end the same on every machine', () => {
    for (const flow of HEAVY_FLOWS) expect(timeTurns(flow).ends, flow.name).toEqual(timeTurns(flow).ends);
  });

  it('cannot hide that they are: an expression goes on without its errors, not without its budget', () => {
    const hidden = setting("l.exists(i, l.exists(j, fold(t + t) == 'x')) || true");
    expect(timeTurns({ name: '', document: hidden, text: 'hola' }).ends[0]).toBe('budget_work');
  });
});
