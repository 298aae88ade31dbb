import { isTest } from './sources.mjs';

const MAX_LINES = 300;
const TEST_KIT = /(^|[./-])(fixtures?|mocks?|stubs?|fakes?|doubles?|test-?kits?|contract)([./-]|$)/;

/** The top folder with the most lines; platform is none, for it has no subject. In percent of all production lines. */
export function largestFeature(sources) {
  const linesOf = new Map();
  for (const { path, lines } of sources) {
    const [, folder, below] = path.split('/');
    if (below !== undefined && folder !== 'platform') linesOf.set(folder, (linesOf.get(folder) ?? 0) + lines);
  }
  const [[name, lines] = ['none', 0]] = [...linesOf].toSorted(([, a], [, b]) => b - a);
  const all = sources.reduce((sum, source) => sum + source.lines, 0) || 1;
  return { name, percent: Math.round((lines / all) * 1000) / 10 };
}

export const publicFiles = (all) => all.filter(({ path }) => path.endsWith('.public.ts')).map(({ path }) => path);

export const servicesThatAreNone = (sources) =>
  sources
    .filter(({ path, text }) => path.endsWith('.service.ts') && !text.includes('@Injectable('))
    .map(({ path }) => path);

/** Test kits and fixtures: by their name, and helpers that only tests import. */
export function testKits(all) {
  const importedBy = new Map();
  for (const source of all)
    for (const path of source.imports) importedBy.set(path, [...(importedBy.get(path) ?? []), source]);
  return all
    .filter((source) => !isTest(source))
    .filter(({ path }) => TEST_KIT.test(path.slice('src/'.length)) || importedBy.get(path)?.every(isTest))
    .map(({ path }) => path);
}

export const longFiles = (all) =>
  all.filter(({ lines }) => lines > MAX_LINES).map(({ path, lines }) => `${path}: ${lines}`);
