import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

type Package = Readonly<Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>>;

/** Used, and imported by nobody: programs that scripts start, types, and what another package loads by name. */
const NOT_IMPORTED: Readonly<Record<string, string>> = {
  '@types/autocannon': 'types of autocannon',
  '@types/node': 'types of Node',
  '@types/nodemailer': 'types of nodemailer',
  '@types/pg': 'types of pg',
  '@types/qrcode': 'types of qrcode',
  '@whiskeysockets/baileys': 'imported by a name in a constant, because it may be absent',
  '@vitest/coverage-v8': 'vitest loads it',
  'dependency-cruiser': 'npm run check starts it',
  node: 'the Node that every script runs under',
  oxlint: 'npm run check starts it',
  'oxlint-tsgolint': 'oxlint starts it',
  prettier: 'npm run check starts it',
  '@fastify/static': 'Swagger UI is served by it',
};

const { dependencies, devDependencies, optionalDependencies }: Package = JSON.parse(
  readFileSync('package.json', 'utf8'),
);
const sources = globSync(['{src,test,bench,scripts,migrations,clients}/**/*.{ts,mjs}', '*.config.ts']).map((file) =>
  readFileSync(file, 'utf8'),
);
const imported = new Set(
  sources.flatMap((text) =>
    Array.from(text.matchAll(/(?:from|import|import\(|resolve\()\s*['"]([^'".][^'"]*)['"]/g), ([, name = '']) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    ),
  ),
);

it('every dependency is imported somewhere, or says who else needs it', () => {
  const all = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  expect(all.filter((name) => !imported.has(name) && NOT_IMPORTED[name] === undefined)).toEqual([]);
  expect(Object.keys(NOT_IMPORTED).filter((name) => imported.has(name) || !all.includes(name))).toEqual([]);
});
