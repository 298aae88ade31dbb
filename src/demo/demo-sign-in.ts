import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const demoSignInSchema = z.object({
  /** Where the last start listened. */
  url: z.string(),
  /** Who the terminal chat signs in as: a user of its own, so that it outlives a change of the owner's password. */
  email: z.string(),
  password: z.string(),
  botId: z.string().nullable(),
  /** False while the seed has not run to its end: the next start finishes it. */
  isComplete: z.boolean(),
  ownerEmail: z.string(),
  /** The password we made for the owner, kept only until the seed is done and it could be shown. */
  ownerPassword: z.string().nullable(),
});
export type DemoSignIn = z.output<typeof demoSignInSchema>;

function pathIn(dataDir: string): string {
  return join(dataDir, 'demo-sign-in.json');
}

/** What the demo's seed wrote down; null where there is no demo, or its file is spoiled: it stops no server. */
export async function readDemoSignIn(dataDir: string): Promise<DemoSignIn | null> {
  const text = await readFile(pathIn(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : parse(text);
}

function parse(text: string): DemoSignIn | null {
  try {
    return demoSignInSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Replaces the file whole, on disk when it returns; only its owner may read it. */
export async function writeDemoSignIn(dataDir: string, signIn: DemoSignIn): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const draft = `${pathIn(dataDir)}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, JSON.stringify(signIn), { mode: 0o600, flush: true });
  await rename(draft, pathIn(dataDir));
}
