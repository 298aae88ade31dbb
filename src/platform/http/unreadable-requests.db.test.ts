import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** All that comes back on a connection of its own. */
function send(text: string): Promise<string> {
  return new Promise((done, failed) => {
    let answer = '';
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
    socket.once('error', failed).once('close', () => done(answer));
  });
}

const head = 'host: localhost\r\n';

it.each([
  ['headers of more than 16 KB', `GET /health/live HTTP/1.1\r\n${head}x: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ['a query of more than 16 KB', `GET /api/bots?cursor=${'x'.repeat(20_000)} HTTP/1.1\r\n${head}\r\n`, 431],
  ['what is no HTTP', 'hello\r\n\r\n', 400],
  ['two lengths', `POST /send HTTP/1.1\r\n${head}content-length: 1\r\ncontent-length: 2\r\n\r\n`, 400],
])('answers %s as problem+json, with the headers every answer has', async (_what, text, status) => {
  const [top = '', body = ''] = (await send(text)).split('\r\n\r\n');
  expect(top).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(top).toContain('content-type: application/problem+json');
  expect(top).toContain('x-content-type-options: nosniff');
  const problem: { status: number; code: string; requestId: string } = JSON.parse(body);
  expect([problem.status, problem.code]).toEqual([
    status,
    status === 431 ? 'request_header_fields_too_large' : 'bad_request',
  ]);
  expect(top).toContain(`x-request-id: ${problem.requestId}`);
});

it('answers 408 to a request that does not come to its end', async () => {
  const { server } = app.app.getHttpAdapter().getInstance();
  const arrived = new Promise<Socket>((done) => server.once('request', ({ socket }) => done(socket)));
  const answer = send(`POST /api/auth/login HTTP/1.1\r\n${head}content-length: 10\r\n\r\n{`);
  // Node looks for late requests every half a minute, and says this when it finds one.
  server.emit('clientError', Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), await arrived);
  expect(await answer).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"request_timeout"/);
});
