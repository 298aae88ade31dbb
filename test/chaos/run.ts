import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArguments } from './arguments.js';
import { runChaos } from './harness.js';

/**
 * Kills real processes with SIGKILL while customers write through signed webhooks, and counts what the provider got:
 * nothing lost, nothing answered twice, nothing out of order, no send repeated.
 */
const options = readArguments(process.argv.slice(2));
const dir = await mkdtemp(join(tmpdir(), 'dashoffice-chaos-'));
process.stdout.write(`seed ${options.seed} · ${options.workers} workers · logs in ${dir}\n`);
const result = await runChaos(options, {
  dir,
  secrets: { JWT_SECRET: randomBytes(48).toString('base64url'), ENCRYPTION_KEY: randomBytes(32).toString('base64') },
  say: (line) => process.stdout.write(`${line}\n`),
});
const isClean =
  result.lost + result.answeredTwice + result.outOfOrder + result.providerDuplicates + result.undone + result.open ===
  0;
if (isClean) await rm(dir, { recursive: true, force: true });
process.stdout.write(`RESULT ${JSON.stringify({ chaos: { ...options, ...result, isClean } })}\n`);
process.exit(isClean ? 0 : 1);
