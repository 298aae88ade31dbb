import type { Env } from '../config/env.js';

/** @throws Error naming the variable to change, when it is the address that cannot be listened on */
export async function explainListen({ port }: Pick<Env, 'port'>, listen: () => Promise<unknown>): Promise<void> {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} is taken by another program; set PORT to a free one.`,
    EACCES: `PORT: this user may not listen on ${port}; set it to one above 1023.`,
    EADDRNOTAVAIL: 'HOST: not an address of this machine.',
    ENOTFOUND: 'HOST: not an address of this machine.',
  };
  try {
    await listen();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw reasons[code] ? new Error(reasons[code], { cause: error }) : error;
  }
}
