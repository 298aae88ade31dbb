import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { startServer } from './server.js';

if (existsSync('.env')) process.loadEnvFile('.env');

const server = await startServer(process.env, (line) => process.stdout.write(`${line}\n`)).catch((error: unknown) => {
  process.stderr.write(`\nDashOffice did not start. ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (isStopping) return;
    isStopping = true;
    process.stdout.write('\nStopping: finishing what is in hand…\n');
    void server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`The stop was not clean: ${String(error)}\n`);
        process.exit(1);
      },
    );
  });
}
