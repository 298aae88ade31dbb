import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { readEnv } from '../platform/config/env.js';
import { ROLES } from '../roles.js';
import { hasPendingMigrations, migrateDown, migrateUp } from '../platform/database/migrate.js';
import { openOwnersDatabase } from './owners-database.js';

const USAGE = 'npm run migrate -- up | down | status';

if (existsSync('.env')) process.loadEnvFile('.env');
const [verb = 'up'] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

try {
  const { url, close } = await openOwnersDatabase(readEnv(process.env, ROLES), say);
  try {
    await run(verb, url);
  } finally {
    await close();
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run(wanted: string, url: string): Promise<void> {
  switch (wanted) {
    case 'up': {
      const done = await migrateUp(url);
      say(done.length === 0 ? 'Nothing to do: the schema is up to date' : `Applied ${done.join(', ')}`);
      break;
    }
    case 'down':
      await migrateDown(url);
      say('Took the newest migration back');
      break;
    case 'status':
      say((await hasPendingMigrations(url)) ? 'There are migrations to apply' : 'The schema is up to date');
      break;
    default:
      throw new Error(`Unknown: ${wanted}. ${USAGE}`);
  }
}
