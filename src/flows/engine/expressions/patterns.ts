import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';

/** Patterns come from flow authors and texts from customers, so only RE2 runs them: linear time whatever they say. */
const compiled = new LRUCache<string, RE2JS>({ max: 1000 });
const MAX_PATTERN_LENGTH = 200;
/** RE2 instructions; one text costs at most this many per character. */
const MAX_PROGRAM = 2000;

/** @throws Error the pattern is not RE2, or is too long; the message says which */
export function compilePattern(source: string): RE2JS {
  const known = compiled.get(source);
  if (known) return known;
  if (source.length > MAX_PATTERN_LENGTH) throw new Error(`pattern longer than ${MAX_PATTERN_LENGTH} characters`);
  const pattern = RE2JS.compile(source);
  if (pattern.programSize() > MAX_PROGRAM) throw new Error('pattern repeats too much');
  compiled.set(source, pattern);
  return pattern;
}
