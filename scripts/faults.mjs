import { parseArgs } from 'node:util';
import { runNode } from './child.mjs';

/** Every fault on every provider (test/faults), with as many seeds as asked for. */
export function faults(args) {
  const { values } = parseArgs({ args, options: { seeds: { type: 'string', default: '50' } } });
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', 'test/faults'];
  return runNode(vitest, { NODE_ENV: 'test', FAULT_SEEDS: values.seeds });
}
