import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startGraphDouble, type GraphDouble } from '../../../test/support/graph-double.js';
import type { OutboundMessage, ProviderAccount, SendOutcome } from '../whatsapp-provider.js';
import { OfficialProvider } from './official.provider.js';

const ACCOUNT: ProviderAccount = {
  connectionId: 'c-1',
  credentials: {
    phoneNumberId: '1001',
    accessToken: 'test-access-token',
    appSecret: 'test-app-secret',
    verifyToken: 'verify',
  },
};

const ACCEPTED = 'HTTP/1.1 200 OK\r\ncontent-length: 32\r\n\r\n{"messages":[{"id":"wamid.OK"}]}';

function message(outboxId: string): OutboundMessage {
  const to = { address: '5215512345678', phone: '+5215512345678' };
  return { outboxId, to, content: { kind: 'text', text: `Hola ${outboxId}` } };
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

function providerAt(url: string): OfficialProvider {
  const provider = new OfficialProvider(url);
  closers.push(() => provider.onModuleDestroy());
  return provider;
}

/** A server whose connections are handled by hand. */
async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // resets are what these tests are about
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

describe('against the Graph double', () => {
  let graph: GraphDouble;
  let provider: OfficialProvider;
  const send = (id: string, signal = AbortSignal.timeout(5_000)) => provider.send(ACCOUNT, message(id), signal);

  beforeEach(async () => {
    graph = await startGraphDouble({ latencyMs: 1 });
    closers.push(() => graph.stop());
    provider = providerAt(graph.url);
  });

  it('hands a message over and gets its id', async () => {
    const outcome = await send('7');
    expect(outcome).toEqual({ outcome: 'accepted', providerMessageId: graph.accepted[0]?.wamid });
    expect(graph.accepted).toMatchObject([{ outboxId: '7', phoneNumberId: '1001', to: '+5215512345678' }]);
  });

  it('speaks the configured version below the configured path', async () => {
    const paths: string[] = [];
    const port = await listen((socket) => {
      socket.on('data', (bytes) => {
        const [method, path = ''] = bytes.toString().split(' ');
        if (method !== 'POST') return;
        paths.push(path);
        socket.end(ACCEPTED);
      });
    });
    const other = new OfficialProvider(`http://127.0.0.1:${port}/proxy/`, 'v26.0');
    closers.push(() => other.onModuleDestroy());
    expect(await other.send(ACCOUNT, message('1'), AbortSignal.timeout(5_000))).toMatchObject({ outcome: 'accepted' });
    expect(paths).toEqual(['/proxy/v26.0/1001/messages']);
  });

  it.each([
    [131056, { class: 'rate', retryAfterMs: 1000 }],
    [130429, { class: 'rate', retryAfterMs: 1000 }],
    [131000, { class: 'retry' }],
    [131047, { class: 'template' }],
    [190, { class: 'auth' }],
  ])('INV-5: code %d is a refusal, and nothing was taken', async (code, expected) => {
    graph.failNext(code);
    expect(await send('1')).toMatchObject({ outcome: 'rejected', code: String(code), ...expected });
    expect(graph.accepted).toHaveLength(0);
  });

  it('INV-5: a 429 page of a proxy is a refusal with the wait it asks for', async () => {
    graph.failNext({ kind: 'html', status: 429, retryAfter: '3' });
    expect(await send('1')).toMatchObject({ outcome: 'rejected', class: 'rate', code: 'HTTP_429', retryAfterMs: 3000 });
  });

  it.each([
    { kind: 'html', status: 502 },
    { kind: 'drop', accepts: true },
    { kind: 'drop', accepts: false },
    { kind: 'cut', accepts: true },
    { kind: 'noId' },
    { kind: 'garbage' },
  ] as const)('INV-5: %j leaves the outcome unknown, and nothing is sent twice', async (fault) => {
    await send('first'); // so that the next one reuses a kept connection
    graph.failNext(fault);
    expect(await send('second')).toMatchObject({ outcome: 'unknown' });
    expect(graph.requests).toBe(2);
    expect(graph.duplicates.size).toBe(0);
  });

  it('INV-5: a time-out after the message was taken is unknown', async () => {
    graph.failNext({ kind: 'hang', accepts: true });
    const deadline = new AbortController();
    const sending = send('1', deadline.signal);
    await graph.waitForAccepted(1);
    deadline.abort(new DOMException('too late', 'TimeoutError'));
    expect(await sending).toMatchObject({ outcome: 'unknown' });
  });

  it('INV-5: a caller that gave up beforehand sends nothing', async () => {
    expect(await send('1', AbortSignal.abort())).toMatchObject({ outcome: 'rejected', class: 'retry' });
    expect(graph.requests).toBe(0);
  });

  it('INV-8: uses the token of the account it is given', async () => {
    const foreign = { ...ACCOUNT, credentials: { ...ACCOUNT.credentials, accessToken: 'stolen' } };
    const outcomes = await Promise.all([
      send('1'),
      provider.send(foreign, message('2'), AbortSignal.timeout(5_000)),
      send('3'),
    ]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['accepted', 'rejected', 'accepted']);
    expect(outcomes[1]).toMatchObject({ class: 'auth', code: '190' });
    expect(new Set(graph.accepted.map(({ outboxId }) => outboxId))).toEqual(new Set(['1', '3']));
  });

  it('refuses by itself what cannot be sent', async () => {
    const signal = AbortSignal.timeout(5_000);
    const nowhere = { ...message('1'), to: { address: 'x', phone: null } };
    expect(await provider.send(ACCOUNT, nowhere, signal)).toMatchObject({ class: 'recipient', code: 'NO_ADDRESS' });
    const empty = { connectionId: 'c-1', credentials: {} };
    expect(await provider.send(empty, message('1'), signal)).toMatchObject({ class: 'auth', code: 'NO_CREDENTIALS' });
    const broken = { ...ACCOUNT, credentials: { ...ACCOUNT.credentials, accessToken: 'a\r\nb' } };
    expect(await provider.send(broken, message('1'), signal)).toMatchObject({
      outcome: 'rejected',
      class: 'permanent',
    });
    expect(graph.requests).toBe(0);
  });

  it('sends two hundred at once, each once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 200 }, (_, index) => send(String(index))));
    expect(outcomes.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(200);
    expect(new Set(graph.accepted.map(({ outboxId }) => outboxId)).size).toBe(200);
  });

  it('answers a ping with any answer', async () => {
    await expect(provider.ping(AbortSignal.timeout(5_000))).resolves.toBeUndefined();
  });
});

describe('against a network that fails', () => {
  const send = (url: string, signal = AbortSignal.timeout(5_000)): Promise<SendOutcome> =>
    providerAt(url).send(ACCOUNT, message('1'), signal);

  it('INV-5: a refused connection proves that nothing left', async () => {
    const port = await listen(() => {});
    await closers.pop()?.();
    const outcome = await send(`http://127.0.0.1:${port}`);
    expect(outcome).toMatchObject({ outcome: 'rejected', class: 'retry', code: 'ECONNREFUSED' });
    await expect(providerAt(`http://127.0.0.1:${port}`).ping(AbortSignal.timeout(5_000))).rejects.toThrow();
  });

  it('INV-5: an unknown host proves that nothing left', async () => {
    const outcome = await send('http://graph.invalid');
    expect(outcome).toMatchObject({
      outcome: 'rejected',
      class: 'retry',
      code: expect.stringMatching(/^E(NOTFOUND|AI_AGAIN)$/),
    });
  });

  it('INV-5: a handshake that is cut proves that nothing left', async () => {
    const port = await listen((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await send(`https://127.0.0.1:${port}`)).toMatchObject({ outcome: 'rejected', class: 'retry' });
  });

  it('INV-5: giving up while the handshake hangs sends nothing', async () => {
    const bytes: string[] = [];
    const deadline = new AbortController();
    const port = await listen((socket) => {
      socket.on('data', (chunk) => {
        bytes.push(chunk.toString('latin1'));
        deadline.abort();
        socket.destroy();
      });
    });
    const outcome = await send(`https://127.0.0.1:${port}`, deadline.signal);
    expect(outcome).toMatchObject({ outcome: 'rejected', class: 'retry' });
    expect(bytes.join('')).not.toContain('POST');
  });

  it('INV-5: a reset after the request is unknown although connecting can end by the same code', async () => {
    const port = await listen((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await send(`http://127.0.0.1:${port}`)).toMatchObject({
      outcome: 'unknown',
      reason: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/),
    });
  });

  it('INV-5: a kept connection that the peer closes under the next request is unknown, and not sent again', async () => {
    let requests = 0;
    const port = await listen((socket) => {
      socket.on('data', (bytes) => {
        if (!bytes.toString().startsWith('POST')) return;
        requests++;
        if (requests > 1) socket.destroy();
        else socket.write(ACCEPTED);
      });
    });
    const provider = providerAt(`http://127.0.0.1:${port}`);
    const signal = AbortSignal.timeout(5_000);
    expect(await provider.send(ACCOUNT, message('1'), signal)).toMatchObject({ outcome: 'accepted' });
    expect(await provider.send(ACCOUNT, message('2'), signal)).toMatchObject({ outcome: 'unknown' });
    expect(requests).toBe(2);
  });

  it('INV-5: an answer larger than any of Meta’s is unknown', async () => {
    const port = await listen((socket) => {
      socket.once('data', () =>
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 400000\r\n\r\n${'x'.repeat(400_000)}`),
      );
    });
    expect(await send(`http://127.0.0.1:${port}`)).toMatchObject({ outcome: 'unknown' });
  });

  it('tells which of several addresses refused', async () => {
    const port = await listen(() => {});
    await closers.pop()?.();
    expect(await send(`http://localhost:${port}`)).toMatchObject({ class: 'retry', code: 'ECONNREFUSED' });
  });
});
