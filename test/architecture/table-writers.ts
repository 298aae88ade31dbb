import { globSync, readFileSync } from 'node:fs';
import { writtenTables } from '../../src/platform/cache/written-tables.js';

/** Text of a file by its path, such as `src/orders/orders.service.ts`. */
export type Sources = Readonly<Record<string, string>>;
export type Write = { readonly table: string; readonly file: string };

export function readSources(pattern: string): Sources {
  const files = globSync(pattern).filter((file) => !file.endsWith('.test.ts'));
  return Object.fromEntries(files.map((file) => [file.replaceAll('\\', '/'), readFileSync(file, 'utf8')]));
}

/** Every table the migrations make. */
export function tablesMadeBy(migrations: Sources): ReadonlySet<string> {
  const made = Object.values(migrations).flatMap((sql) => [...sql.matchAll(/create (?:unlogged )?table (\w+) \(/g)]);
  return new Set(made.flatMap(([, table]) => table ?? []));
}

/**
 * Who writes which table: in SQL, CTEs included, and through TypeORM. A name that is put in when the statement is made
 * is written `${…}` and counts as a table of that name.
 */
export function writesIn(sources: Sources, tables: ReadonlySet<string>): Write[] {
  const entities = entitiesIn(sources);
  return Object.entries(sources).flatMap(([file, text]) => {
    const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    const named = writtenTables(code).filter((table) => tables.has(table));
    const made = [...code.matchAll(/\b(?:insert into|update|delete from) (\$\{\w+\}) (?:set|\(|where)/gi)].flatMap(
      ([, name]) => name ?? [],
    );
    return [...new Set([...named, ...made, ...savedIn(code, entities)])].map((table) => ({ table, file }));
  });
}

function entitiesIn(sources: Sources): ReadonlyMap<string, string> {
  const found = Object.values(sources).flatMap((text) => [
    ...text.matchAll(/@Entity\('(\w+)'\)\s+export class (\w+)/g),
  ]);
  return new Map(found.map(([, table = '', name = '']) => [name, table]));
}

const DEED = '(?:insert|update|delete|upsert|softDelete|remove|save)';

/** `tx.save(row)` does not say of what, so it counts for every entity that its file finds. */
function savedIn(code: string, entities: ReadonlyMap<string, string>): string[] {
  const savesSomething = /\.(?:save|remove)\(\w+\)/.test(code);
  const usesRepository = new RegExp(`\\.${DEED}\\(`).test(code);
  return [...entities].flatMap(([name, table]) => {
    const isNamed = new RegExp(`\\.(?:${DEED}|into)\\(\\s*${name}\\b`).test(code);
    const isFound = new RegExp(`(?:getRepository|\\.find\\w*|createQueryBuilder)\\(\\s*${name}\\b`).test(code);
    const hasRepository = code.includes(`getRepository(${name})`);
    return isNamed || (hasRepository && usesRepository) || (isFound && savesSomething) ? [table] : [];
  });
}

export type Rules = {
  /** The folder that writes each table, below `src/`. */
  readonly owners: Readonly<Record<string, string>>;
  /** Other folders that write it too, and why. */
  readonly exceptions: Readonly<Record<string, { readonly folders: readonly string[]; readonly reason: string }>>;
};

/** Writes by somebody who is neither the table's owner nor excepted; and tables nobody owns. */
export function breachesOf({ owners, exceptions }: Rules, writes: readonly Write[]): string[] {
  return writes.flatMap(({ table, file }) => {
    const allowed = [owners[table], ...(exceptions[table]?.folders ?? [])];
    const isAllowed = allowed.some((folder) => folder !== undefined && file.startsWith(`src/${folder}/`));
    return isAllowed ? [] : [`${file} writes ${table}, which is ${owners[table] ?? 'nobody'}'s`];
  });
}
