/** A bot that answers every message with the same words: what went in can be counted by what comes out. */
const ECHO_FLOW = {
  dsl: 1,
  flow: 'echo',
  locales: ['es'],
  start: 'answer',
  steps: [
    { id: 'answer', type: 'message', text: '{{ msg.text }}', next: 'done' },
    { id: 'done', type: 'end', outcome: 'answered' },
  ],
};

/** What the Graph double takes and signs with unless told otherwise. */
const CREDENTIALS = {
  accessToken: 'test-access-token',
  appSecret: 'test-app-secret',
  verifyToken: 'test-verify-token',
};

export type EchoLine = { readonly botId: string; readonly phoneNumberId: string };

export type Api = <T>(method: string, path: string, body?: unknown) => Promise<T>;

/** Signs in and answers a caller of the API that throws on anything but success. */
export async function signIn(url: string, email: string, password: string): Promise<Api> {
  const anonymous = apiOf(url, {});
  const { accessToken } = await anonymous<{ accessToken: string }>('POST', '/api/auth/login', { email, password });
  return apiOf(url, { authorization: `Bearer ${accessToken}` });
}

function apiOf(url: string, headers: Record<string, string>): Api {
  return async <T>(method: string, path: string, body?: unknown) => {
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  };
}

/** `count` bots with one official line each, all on the echo flow. */
export async function openEchoLines(api: Api, count: number): Promise<EchoLine[]> {
  const flow = await api<{ id: string }>('POST', '/api/flows', { key: 'echo', title: 'Eco', draft: ECHO_FLOW });
  const version = await api<{ id: string }>('POST', `/api/flows/${flow.id}/publish`, {});
  const lines: EchoLine[] = [];
  for (let n = 1; n <= count; n += 1) {
    const bot = await api<{ id: string }>('POST', '/api/bots', { name: `Eco ${n}`, locale: 'es' });
    await api('POST', `/api/bots/${bot.id}/activate`, { versionId: version.id });
    const phoneNumberId = String(10_000_000_000 + n);
    await api('POST', `/api/bots/${bot.id}/connections`, {
      provider: 'official',
      name: 'Meta',
      position: 0,
      credentials: { phoneNumberId, ...CREDENTIALS },
    });
    lines.push({ botId: bot.id, phoneNumberId });
  }
  return lines;
}
