import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Segment } from './segment.js';
import { makeDataDir } from '../config/make-data-dir.js';

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

it('no other user of the machine reads what is kept on its disk', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'dashoffice-private-'));
  const dataDir = await makeDataDir(join(parent, 'deep', 'data'));
  const path = join(dataDir, 'words.jsonl');
  const segment = await Segment.create<object>(path, (kept) => kept);
  await segment.append([{ text: 'hola' }]);
  await segment.seal();
  expect([await modeOf(dataDir), await modeOf(path)]).toEqual([0o700, 0o600]);
  await rm(parent, { recursive: true });
});
