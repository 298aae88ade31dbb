import { Readable } from 'node:stream';
import type { Agent } from 'undici';
import { lookupPublic, mayBePublic } from '../../platform/http/public-address.js';
import { download } from '../http/download.js';

const MAX_REDIRECTS = 3;

/** Who may be asked for a file; the default is the public internet. */
export type Reach = { readonly mayBe: (host: string) => boolean; readonly lookup: typeof lookupPublic | undefined };
export const PUBLIC: Reach = { mayBe: mayBePublic, lookup: lookupPublic };

/** The file has no address this process may fetch, is not there, or is too large. */
export class PublicFileError extends Error {
  override readonly name = 'PublicFileError';
}

/**
 * Opens a file by its address. With the other providers it is they who fetch it; here it is this machine, which reaches
 * more than its tenants may.
 *
 * @throws PublicFileError, or whatever kept the answer from coming
 */
export async function openPublicFile(
  address: string,
  maxBytes: number,
  signal: AbortSignal,
  reach: Reach = PUBLIC,
): Promise<Readable> {
  const { Agent } = await import('undici');
  const agent = new Agent({ connect: { lookup: reach.lookup } });
  try {
    let url = new URL(address);
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      if (!/^https?:$/.test(url.protocol) || !reach.mayBe(url.hostname))
        throw new PublicFileError('the address of the file is not on the public internet');
      const { status, location, body } = await download(agent, url, {}, signal);
      if (status >= 200 && status < 300) return Readable.from(limited(body, maxBytes, agent));
      await body.dump();
      if (status < 300 || status >= 400 || location === undefined) throw new PublicFileError(`HTTP ${status}`);
      url = new URL(location, url);
    }
    throw new PublicFileError('too many redirects');
  } catch (error) {
    await agent.destroy();
    throw error;
  }
}

async function* limited(body: Readable, maxBytes: number, agent: Agent): AsyncGenerator<Buffer> {
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new PublicFileError(`the file has more than ${maxBytes} bytes`);
      yield chunk;
    }
  } finally {
    await agent.destroy();
  }
}
