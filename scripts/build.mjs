import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { captureNode } from './child.mjs';
import { startPhase } from './phase.mjs';
import { withSetupLock } from './setup-lock.mjs';

const SOURCES = ['src', 'migrations', 'bench', 'test/attacks', 'test/chaos', 'test/linked', 'test/support'];
const SETTINGS = ['rolldown.config.ts', 'tsconfig.json', 'package-lock.json'];
const STAMP = 'dist/.built-from';

/** Bundles the programs into dist/ unless what is there was made from these very sources. */
export async function ensureBuilt({ always = false } = {}) {
  if (always || !isCurrent(fingerprint())) await withSetupLock(() => build(always));
}

async function build(always) {
  const sources = fingerprint();
  // Somebody else may have built while we waited for our turn.
  if (!always && isCurrent(sources)) return;
  const phase = startPhase('Building');
  const { code, output } = await captureNode(['node_modules/rolldown/bin/cli.mjs', '-c']);
  if (code !== 0) throw new Error(`${output}\nThe build failed.`);
  writeFileSync(STAMP, sources);
  phase.done();
}

function isCurrent(sources) {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sources;
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const file of [...SOURCES.flatMap(listFiles), ...SETTINGS].toSorted((a, b) => (a < b ? -1 : 1))) {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

function listFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}
