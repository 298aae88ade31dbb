import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './api.js';

/** Why a request was refused (RFC 9457). Each operation names the codes it may have. */
export type Problem = components['schemas']['Problem'];
export type DashOfficeClient = Client<paths>;

export type ClientOptions = {
  /** Where DashOffice is, such as `https://office.example.com`. */
  readonly baseUrl: string;
  /** An API key, or an access token; a function is asked before every request, so that a token can be renewed. */
  readonly token: string | (() => string | Promise<string>);
  /** Instead of the global `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>;
};

/**
 * Every operation of openapi.json with the types of its input and of its answers:
 * `const { data, error } = await client.GET('/api/bots/{id}', { params: { path: { id } } })`.
 * A refusal is no exception: `error.code` is one of the codes of that operation.
 */
export function createDashOfficeClient({ baseUrl, token, fetch }: ClientOptions): DashOfficeClient {
  const client = createClient<paths>({ baseUrl: baseUrl.replace(/\/+$/, ''), fetch });
  client.use({
    onRequest: async ({ request }) => {
      request.headers.set('authorization', `Bearer ${typeof token === 'string' ? token : await token()}`);
      return request;
    },
  });
  return client;
}

/** The refusal that `dataOf` throws. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(readonly problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
  }
}

type Result<T> = { readonly data?: T; readonly error?: unknown; readonly response: Response };

/**
 * For callers that prefer exceptions: `const bots = dataOf(await client.GET('/api/bots'))`.
 *
 * @throws ProblemError the request was refused
 */
export function dataOf<T>({ data, error, response }: Result<T>): T {
  if (response.ok) return data as T;
  if (isProblem(error)) throw new ProblemError(error);
  throw new Error(`DashOffice answered ${response.status} without a problem document`);
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string';
}
