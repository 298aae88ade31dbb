import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { startServer } from './server.js';
import { onceToldToStop } from './stop-signals.js';

if (existsSync('.env')) process.loadEnvFile('.env');

const starting = startServer(process.env, (line) => process.stdout.write(`${line}\n`));

// From the first moment, so that Ctrl-C during a start ends what that start began.
onceToldToStop(() => {
  process.stdout.write('\nStopping: finishing what is in hand…\n');
  void starting.then((server) => server.stop()).then(() => process.exit(0), failToStop);
});

function failToStop(error: unknown): never {
  process.stderr.write(`The stop was not clean: ${String(error)}\n`);
  process.exit(1);
}

await starting.catch((error: unknown) => {
  process.stderr.write(`\nDashOffice did not start. ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
