import { constants } from 'node:fs';
import { access, mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { BadConfigurationError } from './env.js';

/** Other users of the machine have nothing to look for in it. */
const ONLY_OURS = 0o700;

/**
 * The folder as a whole path, made where it is missing.
 *
 * @throws BadConfigurationError it cannot be made, is no folder, or cannot be written to
 */
export async function makeDataDir(dataDir: string): Promise<string> {
  const folder = resolve(dataDir);
  try {
    await make(folder);
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new BadConfigurationError(`DATA_DIR: not a folder that can be made and written to (${reason})`, {
      cause: error,
    });
  }
  return folder;
}

/** Step by step: where a file system makes no folders, such as /proc, Node's own `recursive` never ends. */
async function make(folder: string): Promise<void> {
  try {
    await mkdir(folder, ONLY_OURS);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
    await make(dirname(folder));
    await mkdir(folder, ONLY_OURS);
  }
}
