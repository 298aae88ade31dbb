import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { MediaUnavailableError } from '../provider.errors.js';
import { bodyOfSuccess, download } from '../http/download.js';

const MAX_HOPS = 3;

/**
 * Opens a file at its address, which redirects to a storage of Twilio's. Twilio's own host gets the account's password,
 * since an account may demand it there (reference 3.3); no other host does.
 *
 * @param apiUrl where Twilio's API is; an address elsewhere was not told by Twilio
 * @throws MediaUnavailableError
 */
export async function openFromTwilio(
  dispatcher: Dispatcher,
  { apiUrl, basic }: { readonly apiUrl: string; readonly basic: string },
  address: string,
  signal: AbortSignal,
): Promise<Readable> {
  const own = new URL(apiUrl);
  let url = URL.parse(address);
  if (url?.host !== own.host || url.protocol !== own.protocol) {
    throw new MediaUnavailableError('FOREIGN_HOST', 'the address of the file is not at Twilio', true);
  }
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const headers: Record<string, string> = url.host === own.host ? { authorization: `Basic ${basic}` } : {};
    const answer = await download(dispatcher, url, headers, signal);
    if (answer.status < 300 || answer.status >= 400) return bodyOfSuccess(answer);
    await answer.body.dump();
    const next: URL | null = URL.parse(answer.location ?? '', url.href);
    // Never from https to http, where anybody on the way could read the file.
    if (!next || (next.protocol !== 'https:' && next.protocol !== own.protocol)) {
      throw new MediaUnavailableError('BAD_REDIRECT', 'the file is redirected to no address', true);
    }
    url = next;
  }
  throw new MediaUnavailableError('BAD_REDIRECT', 'the file is redirected again and again', true);
}
