import type { Pool } from 'undici';
import { postOnce, type HttpAnswer } from '../http/one-http-post.js';

export type GraphAnswer = HttpAnswer;

export type GraphRequest = { readonly path: string; readonly token: string; readonly body: string };

/** Posts once. Never throws, never repeats; an abort before the request is written means it never is. */
export function postToGraph(
  pool: Pool,
  { path, token, body }: GraphRequest,
  signal: AbortSignal,
): Promise<GraphAnswer> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return postOnce(pool, { path, headers, body }, signal);
}
