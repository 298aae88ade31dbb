import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { canReach, chooseServerUser } from './server-user.js';

const STRANGER = { uid: 54_321, gid: 54_321 };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dashoffice-user-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function makeFile(folderMode: number, fileMode: number): Promise<string> {
  const inner = join(folder, 'inner');
  const file = join(inner, 'postgres');
  await mkdir(inner);
  await writeFile(file, '');
  await Promise.all([chmod(folder, 0o755), chmod(inner, folderMode), chmod(file, fileMode)]);
  return file;
}

it('finds a file open to everybody within the reach of a stranger', async () => {
  expect(await canReach(STRANGER, await makeFile(0o711, 0o755))).toBe(true);
});

it('finds a file in a closed folder out of reach', async () => {
  expect(await canReach(STRANGER, await makeFile(0o700, 0o755))).toBe(false);
});

it('finds a file that only its owner may run out of reach', async () => {
  expect(await canReach(STRANGER, await makeFile(0o755, 0o700))).toBe(false);
});

it('counts the rights of the owner and of the group', async () => {
  const file = await makeFile(0o710, 0o750);
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  expect(await canReach({ uid, gid: STRANGER.gid }, file)).toBe(true);
  expect(await canReach({ uid: STRANGER.uid, gid }, file)).toBe(true);
});

it('asks for nothing when the server runs as ourselves', async () => {
  expect(await canReach(undefined, join(folder, 'missing'))).toBe(true);
});

it('lets an ordinary user run the server', async () => {
  vi.spyOn(process, 'getuid').mockReturnValue(1000);
  expect(await chooseServerUser(folder)).toBeUndefined();
});

it('never lets root run the server', async () => {
  vi.spyOn(process, 'getuid').mockReturnValue(0);
  const user = await chooseServerUser(join(folder, 'missing'));
  expect(user?.uid).toBeGreaterThan(0);
});
