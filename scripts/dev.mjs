// Rebuilds on every change and starts the server anew; run by `npm run dev` under the pinned Node.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'rolldown';
import { loadConfig } from 'rolldown/config';

let server;
let isEnding = false;

async function restart() {
  await stop();
  if (isEnding) return;
  server = spawn(process.execPath, ['--enable-source-maps', 'dist/main.js'], {
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

const watcher = watch(await loadConfig('rolldown.config.ts'));
// One restart at a time: a change during a restart is followed by another one.
let turn = Promise.resolve();
watcher.on('event', (event) => {
  if (event.code === 'ERROR') process.stderr.write(`\n${event.error.message}\nWaiting for the next change.\n`);
  if (event.code === 'BUNDLE_END') process.stdout.write(`\nBuilt in ${event.duration} ms\n`);
  if (event.code === 'END') turn = turn.then(restart);
  if ('result' in event) void event.result?.close();
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (isEnding) return;
    isEnding = true;
    void Promise.all([watcher.close(), turn.then(stop)]).then(() => process.exit(0));
  });
}
