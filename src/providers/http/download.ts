import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { MediaUnavailableError } from '../provider.errors.js';

export type Download = {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: Readable & { dump(): Promise<void> };
};

/**
 * Gets once, following nothing; whoever calls reads the body to the end or destroys it.
 *
 * @throws MediaUnavailableError no answer came; asking again may help
 */
export async function download(
  dispatcher: Dispatcher,
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Download> {
  try {
    const answer = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'GET',
      // Some hosts refuse a caller without a name (reference 2.3).
      headers: { 'user-agent': 'DashOffice', ...headers },
      signal,
    });
    const { location } = answer.headers;
    return {
      status: answer.statusCode,
      location: typeof location === 'string' ? location : undefined,
      body: answer.body,
    };
  } catch (error) {
    throw new MediaUnavailableError('NO_ANSWER', String(error), false, { cause: error });
  }
}

/**
 * The body of a 2xx.
 *
 * @throws MediaUnavailableError for good when the file is gone or the request can never be answered
 */
export async function bodyOfSuccess({ status, body }: Download): Promise<Readable> {
  if (status >= 200 && status < 300) return body;
  await body.dump();
  // 401 and 403 are the account's, which a person may repair; the rest of the 4xx will not change.
  const mayChange = status >= 500 || [401, 403, 407, 408, 425, 429].includes(status);
  throw new MediaUnavailableError(`HTTP_${status}`, 'the provider does not hand the file out', !mayChange);
}
