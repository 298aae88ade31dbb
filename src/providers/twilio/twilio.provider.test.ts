import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTwilioDouble, type TwilioDouble } from '../../../test/support/twilio-double.js';
import { DOUBLE_ACCOUNT_SID, DOUBLE_AUTH_TOKEN } from '../../../test/support/twilio-double-webhook.js';
import type { OutboundMessage, ProviderAccount, SendOutcome } from '../whatsapp-provider.js';
import { TwilioProvider } from './twilio.provider.js';

const FROM = 'whatsapp:+14155238886';
const SERVICE = `MG${'0123456789abcdef'.repeat(2)}`;
const ACCOUNT: ProviderAccount = {
  connectionId: '6f1c8a4e-0000-4000-8000-000000000001',
  credentials: { accountSid: DOUBLE_ACCOUNT_SID, authToken: DOUBLE_AUTH_TOKEN, from: '+14155238886' },
};
const ACCEPTED_BODY = JSON.stringify({ sid: `SM${'0'.repeat(32)}`, status: 'queued' });
const ACCEPTED = `HTTP/1.1 201 Created\r\ncontent-length: ${ACCEPTED_BODY.length}\r\n\r\n${ACCEPTED_BODY}`;

function message(outboxId: string): OutboundMessage {
  const to = { address: '5215512345678', phone: '+5215512345678' };
  return { outboxId, to, content: { kind: 'text', text: `Hola ñandú & ${outboxId}` } };
}

const soon = () => AbortSignal.timeout(5_000);

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

function providerAt(url: string, publicUrl?: string): TwilioProvider {
  const provider = new TwilioProvider(url, publicUrl);
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

describe('against the Twilio double', () => {
  let twilio: TwilioDouble;
  let provider: TwilioProvider;
  const send = (id: string, signal = soon()) => provider.send(ACCOUNT, message(id), signal);

  beforeEach(async () => {
    twilio = await startTwilioDouble({ senders: [FROM, SERVICE], latencyMs: 1 });
    closers.push(() => twilio.stop());
    provider = providerAt(twilio.url, 'https://shop.test/');
  });

  it('hands a message over, gets its sid, and asks for statuses with our id', async () => {
    const outcome = await send('7');
    expect(outcome).toEqual({ outcome: 'accepted', providerMessageId: twilio.accepted[0]?.sid });
    expect(twilio.accepted).toMatchObject([
      {
        outboxId: '7',
        accountSid: DOUBLE_ACCOUNT_SID,
        to: 'whatsapp:+5215512345678',
        sender: FROM,
        body: 'Hola ñandú & 7',
        statusCallback: `https://shop.test/webhooks/twilio/${ACCOUNT.connectionId}?outbox=7`,
      },
    ]);
  });

  it('asks for no statuses where nobody could reach us', async () => {
    const hidden = providerAt(twilio.url);
    expect(await hidden.send(ACCOUNT, message('7'), soon())).toMatchObject({ outcome: 'accepted' });
    expect(twilio.accepted).toMatchObject([{ statusCallback: null }]);
  });

  it('sends by a Messaging Service, and by a number written either way', async () => {
    const { from: _, ...credentials } = ACCOUNT.credentials;
    const byService = { ...ACCOUNT, credentials: { ...credentials, messagingServiceSid: SERVICE } };
    const byChannel = { ...ACCOUNT, credentials: { ...credentials, from: FROM } };
    expect(await provider.send(byService, message('1'), soon())).toMatchObject({ outcome: 'accepted' });
    expect(await provider.send(byChannel, message('2'), soon())).toMatchObject({ outcome: 'accepted' });
    expect(twilio.accepted.map(({ sender }) => sender)).toEqual([SERVICE, FROM]);
  });

  it.each<[OutboundMessage['content'], object]>([
    [
      { kind: 'media', media: 'image', url: 'https://cdn.test/a.jpg', caption: 'Café' },
      { mediaUrl: 'https://cdn.test/a.jpg', body: 'Café' },
    ],
    [
      { kind: 'location', latitude: 19.4, longitude: -99.1, name: 'Tienda' },
      { persistentAction: 'geo:19.4,-99.1|Tienda', body: 'Tienda' },
    ],
    [
      { kind: 'template', name: `HX${'0'.repeat(32)}`, language: 'es', params: ['Ana'] },
      { contentSid: `HX${'0'.repeat(32)}`, contentVariables: { 1: 'Ana' } },
    ],
  ])('hands over %j', async (content, expected) => {
    expect(await provider.send(ACCOUNT, { ...message('1'), content }, soon())).toMatchObject({ outcome: 'accepted' });
    expect(twilio.accepted).toMatchObject([expected]);
  });

  it('speaks below the configured path', async () => {
    const paths: string[] = [];
    const port = await listen((socket) => {
      socket.on('data', (bytes) => {
        const [method, path = ''] = bytes.toString().split(' ');
        if (method !== 'POST') return;
        paths.push(path);
        socket.end(ACCEPTED);
      });
    });
    const other = providerAt(`http://127.0.0.1:${port}/proxy/`);
    expect(await other.send(ACCOUNT, message('1'), soon())).toMatchObject({ outcome: 'accepted' });
    expect(paths).toEqual([`/proxy/2010-04-01/Accounts/${DOUBLE_ACCOUNT_SID}/Messages.json`]);
  });

  it.each([
    [20429, { class: 'rate', retryAfterMs: 1000 }],
    [63038, { class: 'rate', retryAfterMs: 86_400_000 }],
    [20500, { class: 'retry' }],
    [20503, { class: 'retry' }],
    [63016, { class: 'template' }],
    [63024, { class: 'recipient' }],
    [21612, { class: 'failover' }],
    [30002, { class: 'auth' }],
    [21617, { class: 'permanent' }],
    [99_999, { class: 'permanent' }],
  ])('INV-5: code %d is a refusal, and nothing was taken', async (code, expected) => {
    twilio.failNext(code);
    expect(await send('1')).toMatchObject({
      outcome: 'rejected',
      code: String(code),
      reason: 'told to fail',
      ...expected,
    });
    expect(twilio.accepted).toHaveLength(0);
  });

  it('INV-5: a 429 is a refusal with the wait it asks for, whoever answers it', async () => {
    twilio.failNext({ kind: 'html', status: 429, retryAfter: '3' }, { kind: 'error', code: 20429, retryAfter: '5' });
    expect(await send('1')).toMatchObject({ outcome: 'rejected', class: 'rate', code: 'HTTP_429', retryAfterMs: 3000 });
    expect(await send('1')).toMatchObject({ outcome: 'rejected', class: 'rate', code: '20429', retryAfterMs: 5000 });
    expect(twilio.requests).toBe(2);
  });

  it.each([
    { kind: 'html', status: 502, accepts: true },
    { kind: 'html', status: 503 },
    { kind: 'html', status: 408 },
    { kind: 'error', code: 99_999, status: 500 },
    { kind: 'error', code: 30410 },
    { kind: 'drop', accepts: true },
    { kind: 'drop', accepts: false },
    { kind: 'cut', accepts: true },
    { kind: 'noSid' },
    { kind: 'garbage' },
  ] as const)('INV-5: %j leaves the outcome unknown, and nothing is sent twice', async (fault) => {
    await send('first'); // so that the next one reuses a kept connection
    twilio.failNext(fault);
    expect(await send('second')).toMatchObject({ outcome: 'unknown' });
    expect(twilio.requests).toBe(2);
    expect(twilio.duplicates).toEqual([]);
  });

  it('INV-5: a time-out after the message was taken is unknown', async () => {
    twilio.failNext({ kind: 'hang', accepts: true });
    const deadline = new AbortController();
    const sending = send('1', deadline.signal);
    await twilio.waitForAccepted(1);
    deadline.abort(new DOMException('too late', 'TimeoutError'));
    expect(await sending).toMatchObject({ outcome: 'unknown' });
  });

  it('INV-5: a caller that gave up beforehand sends nothing', async () => {
    expect(await send('1', AbortSignal.abort())).toMatchObject({ outcome: 'rejected', class: 'retry' });
    expect(twilio.requests).toBe(0);
  });

  it('INV-8: uses the token and the sender of the account it is given', async () => {
    const stolen = { ...ACCOUNT, credentials: { ...ACCOUNT.credentials, authToken: 'stolen' } };
    const foreign = { ...ACCOUNT, credentials: { ...ACCOUNT.credentials, from: '+14155550000' } };
    const outcomes = await Promise.all([
      send('1'),
      provider.send(stolen, message('2'), soon()),
      provider.send(foreign, message('3'), soon()),
      send('4'),
    ]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['accepted', 'rejected', 'rejected', 'accepted']);
    expect(outcomes[1]).toMatchObject({ class: 'auth', code: '20003' });
    expect(outcomes[2]).toMatchObject({ class: 'auth', code: '63007' });
    expect(new Set(twilio.accepted.map(({ outboxId }) => outboxId))).toEqual(new Set(['1', '4']));
  });

  it('refuses by itself what cannot be sent', async () => {
    const nowhere = { ...message('1'), to: { address: 'x', phone: null } };
    expect(await provider.send(ACCOUNT, nowhere, soon())).toMatchObject({ class: 'recipient', code: 'NO_ADDRESS' });
    const empty = { connectionId: 'c-1', credentials: { accountSid: 'AC1', authToken: 'x' } };
    expect(await provider.send(empty, message('1'), soon())).toMatchObject({ class: 'auth', code: 'NO_CREDENTIALS' });
    const apiKey = { ...ACCOUNT, credentials: { ...ACCOUNT.credentials, accountSid: 'SK1' } };
    expect(await provider.send(apiKey, message('1'), soon())).toMatchObject({
      outcome: 'rejected',
      class: 'auth',
      code: 'NOT_SENT',
    });
    const long: OutboundMessage = { ...message('1'), content: { kind: 'text', text: 'a'.repeat(1601) } };
    expect(await provider.send(ACCOUNT, long, soon())).toMatchObject({ class: 'permanent', code: 'TEXT_TOO_LONG' });
    expect(twilio.requests).toBe(0);
  });

  it('sends a hundred at once, each once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 100 }, (_, index) => send(String(index))));
    expect(outcomes.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(100);
    expect(new Set(twilio.accepted.map(({ outboxId }) => outboxId)).size).toBe(100);
  });

  it('answers a ping with any answer', async () => {
    await expect(provider.ping(soon())).resolves.toBeUndefined();
  });
});

describe('against a network that fails', () => {
  const send = (url: string, signal = soon()): Promise<SendOutcome> =>
    providerAt(url).send(ACCOUNT, message('1'), signal);

  it('INV-5: a refused connection proves that nothing left', async () => {
    const port = await listen(() => {});
    await closers.pop()?.();
    const outcome = await send(`http://127.0.0.1:${port}`);
    expect(outcome).toMatchObject({ outcome: 'rejected', class: 'retry', code: 'ECONNREFUSED' });
    await expect(providerAt(`http://127.0.0.1:${port}`).ping(soon())).rejects.toThrow();
  });

  it('INV-5: an unknown host proves that nothing left', async () => {
    expect(await send('http://twilio.invalid')).toMatchObject({
      outcome: 'rejected',
      class: 'retry',
      code: expect.stringMatching(/^E(NOTFOUND|AI_AGAIN)$/),
    });
  });

  it('INV-5: a handshake that is cut proves that nothing left', async () => {
    const port = await listen((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await send(`https://127.0.0.1:${port}`)).toMatchObject({ outcome: 'rejected', class: 'retry' });
  });

  it('INV-5: a reset after the request is unknown although connecting can end by the same code', async () => {
    const port = await listen((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await send(`http://127.0.0.1:${port}`)).toMatchObject({
      outcome: 'unknown',
      reason: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/),
    });
  });

  it('INV-5: a redirect is not followed with our credentials', async () => {
    const port = await listen((socket) => {
      socket.once('data', () =>
        socket.end('HTTP/1.1 307 Temporary Redirect\r\nlocation: http://evil.test/\r\ncontent-length: 0\r\n\r\n'),
      );
    });
    expect(await send(`http://127.0.0.1:${port}`)).toMatchObject({ class: 'retry', code: 'HTTP_307' });
  });

  it('INV-5: an answer larger than any of Twilio’s is unknown', async () => {
    const port = await listen((socket) => {
      socket.once('data', () =>
        socket.write(`HTTP/1.1 201 Created\r\ncontent-length: 400000\r\n\r\n${'x'.repeat(400_000)}`),
      );
    });
    expect(await send(`http://127.0.0.1:${port}`)).toMatchObject({ outcome: 'unknown' });
  });
});
