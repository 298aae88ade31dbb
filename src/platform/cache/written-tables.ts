const WRITES = /\b(?:insert\s+into|update|delete\s+from|merge\s+into)\s+(?:only\s+)?"?([a-z_][a-z0-9_]*)/gi;

/** The tables a statement may write, the ones in its CTEs included; a word too many (`for update of x`) does no harm. */
export function writtenTables(sql: string): string[] {
  return Array.from(sql.matchAll(WRITES), ([, table = '']) => table.toLowerCase());
}
