import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { startServer } from './server.js';
import { onceToldToStop } from './stop-signals.js';

if (existsSync('.env')) process.loadEnvFile('.env');

/** Whatever a start waits for, such as a Postgres that never answers. */
const START_GIVEN_UP_MS = 5000;

const stopping = new AbortController();
const starting = startServer(process.env, (line) => process.stdout.write(`${line}\n`), stopping.signal);

// From the first moment, so that Ctrl-C during a start ends what that start began.
onceToldToStop(() => {
  stopping.abort();
  const givesUp = setTimeout(() => process.exit(0), START_GIVEN_UP_MS).unref();
  process.stdout.write('\nStopping: finishing what is in hand…\n');
  void starting
    .then((server) => {
      clearTimeout(givesUp);
      return server.stop();
    })
    .then(() => process.exit(0), failToStop);
});

function failToStop(error: unknown): never {
  process.stderr.write(`The stop was not clean: ${String(error)}\n`);
  process.exit(1);
}

await starting.catch((error: unknown) => {
  // Whoever ended it knows.
  if (stopping.signal.aborted) process.exit(0);
  process.stderr.write(`\nDashOffice did not start. ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
