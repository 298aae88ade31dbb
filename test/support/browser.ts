import type { Answer, TestApp } from './app.js';

export type Browser = {
  readonly cookies: ReadonlyMap<string, string>;
  /** The Set-Cookie headers of the last answer. */
  readonly lastSet: readonly string[];
  /** Sends the cookies it was given, and nothing else of its own accord. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Signs in with cookies; answers with the CSRF token. */
  signIn(email: string, password: string): Promise<string>;
};

/** Keeps cookies as a browser does. */
export function openBrowser(app: Pick<TestApp, 'call'>): Browser {
  const cookies = new Map<string, string>();
  let lastSet: readonly string[] = [];
  const call: Browser['call'] = async (method, path, body, headers = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await app.call(method, path, body, { ...(cookie && { cookie }), ...headers });
    lastSet = answer.headers.getSetCookie();
    for (const line of lastSet) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      if (/max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  };
  return {
    cookies,
    get lastSet() {
      return lastSet;
    },
    call,
    signIn: async (email, password) => {
      const answer = await call('POST', '/api/auth/session', { email, password });
      if (answer.status !== 200) throw new Error(`Not signed in: ${JSON.stringify(answer.body)}`);
      return answer.body.csrfToken as string;
    },
  };
}
