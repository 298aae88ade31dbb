import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const tour = readFileSync('docs/tour.md', 'utf8');
const pathsIn = (text: string) =>
  Array.from(text.matchAll(/`((?:src|test|migrations|docs)\/[^`]+)`/g), ([, path = '']) => path);

it('names only files that are there', () => {
  const paths = pathsIn(tour);
  expect(paths.length).toBeGreaterThan(40);
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
});

it('answers each question with one file', () => {
  const rows = tour.split('\n').filter((line) => /^\| (?!question|-)/.test(line));
  expect(rows.map((row) => pathsIn(row).length)).toEqual([1, 1, 1, 1, 1, 1]);
});
