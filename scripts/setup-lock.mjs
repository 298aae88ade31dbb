import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 300;

/** Runs the work while no other command of this clone installs or builds, such as `npm run chat` beside a first start. */
export async function withSetupLock(work) {
  const clone = createHash('sha256').update(process.cwd()).digest('hex').slice(0, 12);
  const file = join(tmpdir(), `dashoffice-setup-${clone}.lock`);
  for (let hasSaid = false; !take(file); await delay(POLL_MS)) {
    if (!isHeld(file)) rmSync(file, { force: true });
    else if (!hasSaid) process.stdout.write('Waiting for another command that is installing or building …\n');
    hasSaid = true;
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

function isHeld(file) {
  try {
    return process.kill(Number(readFileSync(file, 'utf8')), 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
