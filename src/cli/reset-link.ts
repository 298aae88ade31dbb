import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { makeResetLink } from '../auth/reset-link.js';
import { readEnv } from '../platform/config/env.js';
import { ROLES } from '../roles.js';
import { OwnerDatabase } from '../platform/database/owner-database.js';
import { openOwnersDatabase } from './owners-database.js';

if (existsSync('.env')) process.loadEnvFile('.env');
const say = (line: string) => process.stdout.write(`${line}\n`);

try {
  const env = readEnv(process.env, ROLES);
  const email = process.argv[2] ?? env.adminEmail;
  const { url, close } = await openOwnersDatabase(env, say);
  try {
    const made = await makeResetLink(new OwnerDatabase(url), env, email);
    if (made) {
      say(`For ${email}, once, until ${made.expiresAt.toISOString()}:\n${made.link}`);
      say(
        'Without a dashboard: POST /api/auth/password-resets/finish with {"token": "what stands behind the #", "password"}',
      );
    } else {
      process.stderr.write(`No active user has the e-mail ${email}\n`);
      process.exitCode = 1;
    }
  } finally {
    await close();
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
