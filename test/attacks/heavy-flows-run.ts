import { HEAVY_FLOWS, timeTurns } from './heavy-flows.js';
import { searchHeavyFlows } from './heavy-search.js';

/** Arguments: seconds to search, seed. Prints what the known flows cost and the dearest that were found. */
const [seconds = '60', seed = '1'] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);
for (const flow of HEAVY_FLOWS) {
  const { worstMs, ends } = timeTurns(flow);
  say(`${worstMs.toFixed(1).padStart(8)} ms  ${flow.name}: ${ends.join(', ')}`);
}
const { ran, dearest } = searchHeavyFlows(Number(seed), Number(seconds) * 1000);
say(`${ran} flows made up with seed ${seed}; the dearest:`);
for (const { worstMs, ends, text, name } of dearest)
  say(`${worstMs.toFixed(1).padStart(8)} ms  ${ends} · ${text} · ${name}`);
