// Measures the tree: `npm run house` prints the table, `npm run check` fails beyond a limit.
// `node scripts/house.mjs --root DIR` measures another checkout with the same counting.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { circlesBetweenTopFolders, folderKnots } from './house/circles.mjs';
import { largestFeature, longFiles, publicFiles, servicesThatAreNone, testKits } from './house/files.mjs';
import { periodicMechanisms, roleDefinitions, routes } from './house/mechanisms.mjs';
import { isTest, readSources } from './house/sources.mjs';
import { tablesWithSeveralWriters } from './house/tables.mjs';
import { businessWords } from './house/words.mjs';

const DECORATORS_A_ROUTE = 3;

/** What fails the check when it is exceeded. */
const LIMITS = {
  'largest-feature-percent': { limit: 12 },
  'circles-between-top-folders': { limit: 0 },
  'folder-knots': { limit: 0 },
  'tables-with-several-writers': { limit: 6 },
  'periodic-mechanisms': { limit: 2 },
  'role-definitions': { limit: 1 },
  'decorators-a-route': { limit: DECORATORS_A_ROUTE },
  'public-files': { limit: 0 },
  'services-that-are-none': { limit: 0 },
  'test-kits-under-src': { limit: 0 },
  'files-above-300-lines': { limit: 0 },
  'business-words-in-platform': { limit: 0 },
};

/** Each figure with what it was counted from. */
function measure(root) {
  const all = readSources(root, 'src');
  const production = all.filter((source) => !isTest(source));
  const largest = largestFeature(production);
  const everyRoute = routes(production);
  const overdecorated = everyRoute.filter(({ decorators }) => decorators > DECORATORS_A_ROUTE);
  const counted = (found) => ({ figure: found.length, found });
  return {
    files: { figure: production.length, found: [] },
    lines: { figure: production.reduce((sum, { lines }) => sum + lines, 0), found: [] },
    'largest-feature-percent': { figure: largest.percent, found: [largest.name] },
    'circles-between-top-folders': counted(circlesBetweenTopFolders(production)),
    'folder-knots': counted(folderKnots(production)),
    'tables-with-several-writers': counted(tablesWithSeveralWriters(production, readSources(root, 'migrations'))),
    'periodic-mechanisms': counted(periodicMechanisms(production)),
    'role-definitions': counted(roleDefinitions(production)),
    'decorators-a-route': {
      figure: everyRoute[0]?.decorators ?? 0,
      found: overdecorated.map(({ place, decorators }) => `${place}: ${decorators}`),
    },
    'routes-above-3-decorators': { figure: overdecorated.length, found: [] },
    'decorators-a-route-mean': { figure: mean(everyRoute.map(({ decorators }) => decorators)), found: [] },
    'public-files': counted(publicFiles(all)),
    'services-that-are-none': counted(servicesThatAreNone(production)),
    'test-kits-under-src': counted(testKits(all)),
    'files-above-300-lines': counted(longFiles(all)),
    'business-words-in-platform': counted(businessWords(production)),
  };
}

function mean(figures) {
  const sum = figures.reduce((total, figure) => total + figure, 0);
  return figures.length === 0 ? 0 : Math.round((sum / figures.length) * 10) / 10;
}

function row(name, figure, limit = '') {
  return `${name.padEnd(30)} ${String(figure).padStart(7)} ${limit.padStart(7)}`.trimEnd();
}

const { values } = parseArgs({
  options: { root: { type: 'string', default: '.' }, table: { type: 'boolean' } },
});
const measured = Object.entries(measure(resolve(values.root)));
const exceeded = measured.filter(([name, { figure }]) => figure > (LIMITS[name]?.limit ?? Infinity));

if (values.table) console.log(row('', 'measured', 'limit'));
for (const [name, { figure, found }] of values.table ? measured : exceeded) {
  console.log(row(name, figure, LIMITS[name]?.limit.toString()));
  if (values.table) continue;
  for (const one of found) console.log(`    ${one}`);
}
process.exitCode = exceeded.length > 0 ? 1 : 0;
