import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEvolutionDouble, type EvolutionDouble } from '../../../test/support/evolution-double.js';
import type { OutboundContent } from '../../messages/message-content.js';
import type { OutboundMessage, ProviderAccount } from '../whatsapp-provider.js';
import { EvolutionProvider } from './evolution.provider.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

function newProvider(): EvolutionProvider {
  const provider = new EvolutionProvider(true);
  closers.push(() => provider.onModuleDestroy());
  return provider;
}

function account(baseUrl: string, overrides: Record<string, string> = {}): ProviderAccount {
  return {
    connectionId: 'c-1',
    credentials: { baseUrl, apiKey: 'global-key', instanceName: 'Ventas 1', ...overrides },
  };
}

function message(text: string, content: OutboundContent = { kind: 'text', text }): OutboundMessage {
  const to = { address: '5215512345678@s.whatsapp.net', phone: '+5215512345678' };
  return { outboxId: '7', to, content };
}

/** A server whose connections are handled by hand. */
async function listen(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // resets are what these tests are about
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const deadline = () => AbortSignal.timeout(5_000);

describe('against the Evolution double', () => {
  let evolution: EvolutionDouble;
  let provider: EvolutionProvider;
  const send = (text: string, signal = deadline()) => provider.send(account(evolution.url), message(text), signal);
  const texts = () => evolution.accepted.map(({ body }) => body['text']);

  beforeEach(async () => {
    evolution = await startEvolutionDouble();
    closers.push(() => evolution.stop());
    evolution.addInstance('Ventas 1');
    provider = newProvider();
  });

  it('hands a message over and gets its id', async () => {
    expect(await send('Hola')).toEqual({ outcome: 'accepted', providerMessageId: evolution.accepted[0]?.id });
    expect(evolution.accepted).toMatchObject([
      { instance: 'Ventas 1', operation: 'sendText', body: { number: '5215512345678@s.whatsapp.net', text: 'Hola' } },
    ]);
  });

  it('uses the instance’s own token as well, and a server behind a path', async () => {
    const own = account(evolution.url, { apiKey: 'Ventas-1-token' });
    expect(await provider.send(own, message('1'), deadline())).toMatchObject({ outcome: 'accepted' });
    const paths: string[] = [];
    const url = await listen((socket) => {
      socket.on('data', (bytes) => {
        paths.push(bytes.toString().split(' ')[1] ?? '');
        socket.end('HTTP/1.1 201 Created\r\ncontent-length: 23\r\n\r\n{"key":{"id":"3EB0A1"}}');
      });
    });
    const behind = account(`${url}/evolution/`);
    expect(await provider.send(behind, message('2'), deadline())).toMatchObject({ providerMessageId: '3EB0A1' });
    expect(paths).toEqual(['/evolution/message/sendText/Ventas%201']);
  });

  it('finds the id before a file of any size that is echoed behind it', async () => {
    evolution.echoBytes = 3_000_000;
    expect(await send('1')).toEqual({ outcome: 'accepted', providerMessageId: evolution.accepted[0]?.id });
  });

  it.each<[string, Record<string, string>]>([
    ['a wrong key', { apiKey: 'stolen' }],
    ['an instance that is not there', { instanceName: 'Otra' }],
  ])('INV-8: %s is refused as a matter of the account', async (_, overrides) => {
    const outcome = await provider.send(account(evolution.url, overrides), message('1'), deadline());
    expect(outcome).toMatchObject({ outcome: 'rejected', class: 'auth' });
    expect(evolution.accepted).toHaveLength(0);
  });

  it('INV-5: an instance that is not connected refuses before the send, and another line may', async () => {
    evolution.setState('Ventas 1', 'close');
    expect(await send('1')).toMatchObject({ outcome: 'rejected', class: 'failover', code: 'INSTANCE_NOT_OPEN' });
    evolution.setState('Ventas 1', 'open');
    evolution.failNext({ kind: 'error', status: 500, message: 'Internal Server Error' });
    expect(await send('2')).toMatchObject({ outcome: 'unknown' });
    expect(evolution.accepted).toHaveLength(0);
  });

  it('a number that is not on WhatsApp is a matter of the recipient', async () => {
    evolution.unknownNumbers.add('5215512345678');
    expect(await send('1')).toMatchObject({ outcome: 'rejected', class: 'recipient', code: 'NOT_ON_WHATSAPP' });
  });

  it('a server without a licence is asked once and refuses as a matter of the account', async () => {
    evolution.isLicensed = false;
    expect(await send('1')).toMatchObject({ outcome: 'rejected', class: 'auth', code: 'LICENSE_REQUIRED' });
    expect(evolution.requests).toBe(1);
  });

  it('media on a host the server does not take is a wrong message', async () => {
    const content = { kind: 'media', media: 'image', url: 'http://localhost/a.png' } as const;
    const outcome = await provider.send(account(evolution.url), message('', content), deadline());
    expect(outcome).toMatchObject({ outcome: 'rejected', class: 'permanent', code: 'HTTP_400' });
  });

  it.each([
    { kind: 'html', status: 502 },
    { kind: 'html', status: 503 },
    { kind: 'drop', accepts: true },
    { kind: 'drop', accepts: false },
    { kind: 'cut', accepts: true },
    { kind: 'odd', body: {} },
    { kind: 'error', status: 400, message: ['Error: Connection Closed'] },
  ] as const)('INV-5: %j leaves the outcome unknown, and nothing is sent twice', async (fault) => {
    await send('first'); // so that the next one reuses a kept connection
    evolution.failNext(fault);
    expect(await send('second')).toMatchObject({ outcome: 'unknown' });
    expect(evolution.requests).toBe(2);
    expect(new Set(texts()).size).toBe(texts().length);
  });

  it('INV-5: a time-out after the message was taken is unknown', async () => {
    evolution.failNext({ kind: 'hang', accepts: true });
    const given = new AbortController();
    const sending = send('1', given.signal);
    while (evolution.accepted.length === 0) await new Promise((resolve) => setImmediate(resolve));
    given.abort(new DOMException('too late', 'TimeoutError'));
    expect(await sending).toMatchObject({ outcome: 'unknown' });
  });

  it('INV-5: a Graph error under a 201 is a refusal by Meta’s code', async () => {
    evolution.failNext({ kind: 'odd', body: { message: '(#131047) window', type: 'OAuthException', code: 131_047 } });
    expect(await send('1')).toMatchObject({ outcome: 'rejected', class: 'template', code: '131047' });
  });

  it('a proxy that slows us down says for how long', async () => {
    evolution.failNext({ kind: 'html', status: 429, retryAfter: '3' });
    expect(await send('1')).toMatchObject({ outcome: 'rejected', class: 'rate', retryAfterMs: 3000 });
  });

  it('refuses by itself what cannot be sent', async () => {
    const nowhere = { ...message('1'), to: { address: 'x', phone: null } };
    const url = evolution.url;
    expect(await provider.send(account(url), nowhere, deadline())).toMatchObject({
      class: 'recipient',
      code: 'NO_ADDRESS',
    });
    const template = message('', { kind: 'template', name: 'aviso', language: 'es', params: [] });
    expect(await provider.send(account(url), template, deadline())).toMatchObject({
      class: 'failover',
      code: 'TEMPLATE_UNSUPPORTED',
    });
    const empty = { connectionId: 'c-1', credentials: {} };
    expect(await provider.send(empty, message('1'), deadline())).toMatchObject({
      class: 'auth',
      code: 'NO_CREDENTIALS',
    });
    expect(await send('1', AbortSignal.abort())).toMatchObject({ outcome: 'rejected', class: 'retry' });
    expect(evolution.requests).toBe(0);
  });

  it('INV-8: two servers at once each get their own key and messages', async () => {
    const other = await startEvolutionDouble({ apiKey: 'other-key' });
    closers.push(() => other.stop());
    other.addInstance('Ventas 1');
    const theirs = account(other.url, { apiKey: 'other-key' });
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        provider.send(n % 2 ? theirs : account(evolution.url), message(String(n)), deadline()),
      ),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(40);
    expect([evolution.accepted.length, other.accepted.length]).toEqual([20, 20]);
    expect(texts().every((text) => Number(text) % 2 === 0)).toBe(true);
  });
});

describe('against a network that fails', () => {
  const send = (url: string, signal = deadline()) => newProvider().send(account(url), message('1'), signal);

  it('INV-5: a refused connection proves that nothing left', async () => {
    const url = await listen(() => {});
    await closers.pop()?.();
    expect(await send(url)).toMatchObject({ outcome: 'rejected', class: 'retry', code: 'ECONNREFUSED' });
  });

  it('INV-5: an unknown host proves that nothing left', async () => {
    const code = expect.stringMatching(/^E(NOTFOUND|AI_AGAIN)$/);
    expect(await send('https://evolution.invalid')).toMatchObject({ outcome: 'rejected', class: 'retry', code });
  });

  it('INV-5: a reset after the request is unknown', async () => {
    const url = await listen((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await send(url)).toMatchObject({ outcome: 'unknown' });
  });

  it('INV-5: a redirect is not followed', async () => {
    let connections = 0;
    const url = await listen((socket) => {
      connections++;
      socket.once('data', () =>
        socket.end(`HTTP/1.1 302 Found\r\nlocation: ${url}/elsewhere\r\ncontent-length: 0\r\n\r\n`),
      );
    });
    expect(await send(url)).toMatchObject({ outcome: 'rejected', class: 'retry', code: 'HTTP_302' });
    expect(connections).toBe(1);
  });

  it('INV-5: a 500 stays unknown when the instance does not say how it is', async () => {
    const body = JSON.stringify({ status: 500, error: 'x', response: { message: 'Connection Closed' } });
    const url = await listen((socket) => {
      socket.on('data', (bytes) => {
        if (bytes.toString().startsWith('GET')) return socket.resetAndDestroy();
        return socket.write(`HTTP/1.1 500 x\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      });
    });
    expect(await send(url)).toMatchObject({ outcome: 'unknown', reason: expect.stringContaining('HTTP 500') });
  });

  it('has no server of its own to ask how it is', async () => {
    await expect(newProvider().ping()).resolves.toBeUndefined();
  });
});
