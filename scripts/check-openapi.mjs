// Lints openapi.json as redocly's recommended rules and spectral's oas rules do. Any error fails, and so does a warning of
// redocly's that is not listed here.
import { readFileSync } from 'node:fs';
import { createConfig, lint } from '@redocly/openapi-core';
import spectral from '@stoplight/spectral-core';
import rulesets from '@stoplight/spectral-rulesets';

const FILE = 'openapi.json';
const SPECTRAL_ERROR = 0;

/** `/products/imports/{id}` beside `/products/{id}/stock`: an id is a UUID, and `imports` is none. Probes refuse nobody. */
const ACCEPTED = new Set(['no-ambiguous-paths', 'operation-4xx-response']);

async function byRedocly() {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lint({ ref: FILE, config });
  return problems
    .filter(({ ruleId }) => !ACCEPTED.has(ruleId))
    .map(({ ruleId, message, location }) => `redocly ${ruleId}: ${message} (${location[0]?.pointer ?? ''})`);
}

/** It reads patterns without the flag that \p{…} needs, and takes what lies in an example for a schema. */
function isMistaken({ code, message, path }) {
  const depth = path.indexOf('example');
  if (code === 'oas3-valid-schema-example') return message.includes('\\p{') || path.indexOf('example', depth + 1) > 0;
  return depth > 0 && code === 'array-items';
}

async function bySpectral() {
  const linter = new spectral.Spectral();
  linter.setRuleset({ extends: [[rulesets.oas, 'all']] });
  const found = await linter.run(JSON.parse(readFileSync(FILE, 'utf8')));
  return found
    .filter((problem) => problem.severity.valueOf() === SPECTRAL_ERROR && !isMistaken(problem))
    .map(({ code, message, path }) => `spectral ${code}: ${message} (${path.join('.')})`);
}

const problems = [...(await byRedocly()), ...(await bySpectral())];
if (problems.length > 0) process.stdout.write(`${problems.join('\n')}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
