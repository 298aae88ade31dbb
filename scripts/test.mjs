import { mkdirSync, mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { runNode } from './child.mjs';

/**
 * All tests with coverage and its threshold, and afterwards the answers they were given against openapi.json; with
 * arguments, what they choose and nothing else.
 */
export async function test(args) {
  // Some tests start the product's own bundle as processes.
  await ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), 'dashoffice-results-'));
  const results = join(folder, 'results.json');
  const reports = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const answers = join(folder, 'answers');
  mkdirSync(answers);
  const isWhole = args.length === 0;
  const chosen = isWhole ? ['--coverage'] : args;
  const env = { NODE_ENV: 'test', ...(isWhole && { ANSWERS_DIR: answers }) };
  try {
    const code = await runNode(['node_modules/vitest/vitest.mjs', 'run', ...reports, ...chosen], env);
    if (existsSync(results)) sayCounts(JSON.parse(readFileSync(results, 'utf8')));
    const differ = isWhole ? await runNode(['test/answers/compare-answers.ts', answers]) : 0;
    return code || differ;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function sayCounts({ numPassedTests, numFailedTests, numPendingTests }) {
  const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
  process.stdout.write(`\n${numPassedTests} passed, ${numFailedTests} failed${skipped}\n`);
}
