import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { runNode } from './child.mjs';

/** All tests with coverage and its threshold; with arguments, what they choose and nothing else. */
export async function test(args) {
  // Some tests start the product's own bundle as processes.
  await ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), 'dashoffice-results-'));
  const results = join(folder, 'results.json');
  const reports = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const chosen = args.length > 0 ? args : ['--coverage'];
  try {
    const code = await runNode(['node_modules/vitest/vitest.mjs', 'run', ...reports, ...chosen], { NODE_ENV: 'test' });
    if (existsSync(results)) sayCounts(JSON.parse(readFileSync(results, 'utf8')));
    return code;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function sayCounts({ numPassedTests, numFailedTests, numPendingTests }) {
  const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
  process.stdout.write(`\n${numPassedTests} passed, ${numFailedTests} failed${skipped}\n`);
}
