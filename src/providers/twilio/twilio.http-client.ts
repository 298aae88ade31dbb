import type { Dispatcher } from 'undici';
import { postOnce, type HttpAnswer } from '../http/one-http-post.js';

/** What Twilio's SDK hands to its HTTP client (6.2, `RequestClient.RequestOptions`), as far as a send needs it. */
export type SdkRequest = {
  readonly method: string;
  readonly uri: string;
  readonly username?: string;
  readonly password?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Form fields by their names on the wire; a list is the name repeated. */
  readonly data?: Readonly<Record<string, unknown>>;
};
export type SdkResponse = { readonly statusCode: number; readonly body: string; readonly headers: object };

/** The request got no answer; `TwilioHttpClient.answer` tells how far it came. */
export class NoTwilioAnswerError extends Error {
  override readonly name = 'NoTwilioAnswerError';
}

/**
 * The SDK's HTTP client for one send: our connections, our address of the API, our deadline. The SDK's own would know
 * none of the three, and could not tell a request that never left from one that was not answered (INV-5).
 */
export class TwilioHttpClient {
  /** Null until a request was made and settled. */
  answer: HttpAnswer | null = null;

  constructor(
    private readonly pool: Dispatcher,
    private readonly pathPrefix: string,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws NoTwilioAnswerError */
  async request({ uri, username, password, headers, data = {} }: SdkRequest): Promise<SdkResponse> {
    const basic = Buffer.from(`${username}:${password}`).toString('base64');
    const post = {
      path: this.pathPrefix + new URL(uri).pathname,
      headers: { ...headers, authorization: `Basic ${basic}` },
      body: toForm(data),
    };
    const answer = await postOnce(this.pool, post, this.signal);
    this.answer = answer;
    if (answer.stage !== 'answered') throw new NoTwilioAnswerError(answer.reason);
    return { statusCode: answer.status, body: answer.body, headers: {} };
  }
}

function toForm(data: Readonly<Record<string, unknown>>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(data)) {
    for (const one of Array.isArray(value) ? value : [value]) form.append(name, String(one));
  }
  return form.toString();
}
