// The one entry of every npm script. Runs on any Node >= 20 before anything is installed: Node's own modules only.
if (Number(process.versions.node.split('.')[0]) < 20) {
  process.stderr.write(`DashOffice needs Node 20 or newer to start; this is ${process.version}.\n`);
  process.exit(1);
}
const { fileURLToPath } = await import('node:url');
process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const { ensureBuilt } = await import('./build.mjs');
const { check } = await import('./check.mjs');
const { runNode } = await import('./child.mjs');
const { faults } = await import('./faults.mjs');
const { ensureInstalled } = await import('./install.mjs');
const { test } = await import('./test.mjs');

const program =
  (file, ...flags) =>
  async (args) => {
    await ensureBuilt();
    return runNode([...flags, file, ...args]);
  };

const generateClient = () =>
  runNode([
    'node_modules/openapi-typescript/bin/cli.js',
    'openapi.json',
    '-o',
    'clients/typescript/api.d.ts',
    '--default-non-nullable=false',
  ]);

const VERBS = {
  // Everything that `npm start` does before it becomes the server (scripts/start.sh).
  prepare: () => ensureBuilt().then(() => 0),
  // Where there is no shell that can become another program.
  start: program('dist/main.js', '--max-semi-space-size=4'),
  migrate: program('dist/cli/migrate.js'),
  chat: program('dist/cli/chat.js'),
  openapi: async () => (await program('dist/cli/openapi.js')([])) || generateClient(),
  'rotate-keys': program('dist/cli/rotate-keys.js'),
  'reset-link': program('dist/cli/reset-link.js'),
  chaos: program('dist/chaos/run.js'),
  faults,
  'bench-turns': program('dist/bench/turns.js'),
  'bench-budget': program('dist/bench/budget.js'),
  'bench-sends': program('dist/bench/sends.js'),
  'bench-sessions': program('dist/bench/linked-sessions.js'),
  build: () => ensureBuilt({ always: true }).then(() => 0),
  dev: () => runNode(['scripts/dev.mjs']),
  test,
  check,
  house: (args) => runNode(['scripts/house.mjs', ...args]),
};

const [verb = '', ...args] = process.argv.slice(2);
if (!Object.hasOwn(VERBS, verb)) {
  process.stderr.write(`Use: node scripts/run.mjs ${Object.keys(VERBS).join(' | ')}\n`);
  process.exit(1);
}
try {
  await ensureInstalled();
  process.exitCode = await VERBS[verb](args);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
