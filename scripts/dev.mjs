// Rebuilds on every change and starts the server anew; run by `npm run dev` under the pinned Node.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'rolldown';
import { loadConfig } from 'rolldown/config';

/** Apart from dist/, which `npm run chat` may build anew meanwhile. */
const OUT = 'node_modules/.cache/dashoffice-dev';

let server;
let isEnding = false;

async function restart() {
  await stop();
  if (isEnding) return;
  server = spawn(process.execPath, ['--enable-source-maps', `${OUT}/main.mjs`], {
    stdio: 'inherit',
    env: { ...process.env, NODE_ENV: process.env.NODE_ENV ?? 'development' },
  });
}

/** Ctrl-C in a terminal reaches the server too, so it may be ending already. */
async function stop() {
  if (!server || server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  await ended;
}

/** @type {import('rolldown').RolldownOptions} */
const config = await loadConfig('rolldown.config.ts');
const watcher = watch({
  ...config,
  input: { main: 'src/main.ts' },
  // The packages stay where they are: a rebuild then takes a tenth of a second.
  external: (id, importer) => importer !== undefined && /^(?!@oxc-project)[@a-z]/.test(id),
  output: {
    dir: OUT,
    cleanDir: true,
    sourcemap: true,
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
  },
});
// One restart at a time: a change during a restart is followed by another one.
let turn = Promise.resolve();
let hasFailed = false;
watcher.on('event', (event) => {
  switch (event.code) {
    case 'START':
      hasFailed = false;
      break;
    case 'BUNDLE_END':
      process.stdout.write(`\nBuilt in ${event.duration} ms\n`);
      void event.result.close();
      break;
    case 'ERROR':
      hasFailed = true;
      process.stderr.write(`\n${event.error.message}\nWaiting for the next change.\n`);
      void event.result.close();
      break;
    case 'END':
      if (!hasFailed) turn = turn.then(restart);
  }
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (isEnding) return;
    isEnding = true;
    void Promise.all([watcher.close(), turn.then(stop)]).then(() => process.exit(0));
  });
}
