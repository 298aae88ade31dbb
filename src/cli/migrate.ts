import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { readEnv } from '../platform/config/env.js';
import { ROLES } from '../roles.js';
import { hasPendingMigrations, migrateDown, migrateUp, previewDown } from '../platform/database/migrate.js';
import { openOwnersDatabase } from './owners-database.js';

const USAGE = 'npm run migrate -- up | down [--yes] | status';

if (existsSync('.env')) process.loadEnvFile('.env');
const [verb = 'up', ...options] = process.argv.slice(2);
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
      await takeBack(url);
      break;
    case 'status':
      say((await hasPendingMigrations(url)) ? 'There are migrations to apply' : 'The schema is up to date');
      break;
    default:
      throw new Error(`Unknown: ${wanted}. ${USAGE}`);
  }
}

async function takeBack(url: string): Promise<void> {
  const loss = await previewDown(url);
  if (!loss) return void say('Nothing to do: no migration has been applied');
  say(`${loss.migration} goes back.`);
  if (loss.dropped.length > 0)
    say(`For good, with what is in it:\n${loss.dropped.map((one) => `  ${one}`).join('\n')}`);
  if (!options.includes('--yes') && !(await isAgreed()))
    throw new Error('Nothing was changed. Answer yes, or add --yes where nobody can answer.');
  await migrateDown(url);
  say('Took the newest migration back');
}

async function isAgreed(): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question('Type yes to go on: ')).trim() === 'yes';
  } finally {
    terminal.close();
  }
}
