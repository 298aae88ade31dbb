import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { startEvolutionDouble } from '../../../test/support/evolution-double.js';
import type { OutboundMessage, ProviderAccount } from '../whatsapp-provider.js';
import { EvolutionProvider } from '../evolution/evolution.provider.js';

const FLOOD_BYTES = 900 * 1024 * 1024;
/** What the sockets' buffers on both sides of loopback may hold besides what is read. */
const TAKEN_MAX_BYTES = 16 * 1024 * 1024;
const GROWTH_MAX_BYTES = 48 * 1024 * 1024;
const DEADLINE_MS = 1_500;

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A server that answers every request by `answer`. */
async function startServer(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** 900 MB of zeros, as fast as they are taken. */
async function startFlood(status: number) {
  const flood = { url: '', takenBytes: 0 };
  const zeros = Buffer.alloc(256 * 1024);
  flood.url = await startServer((response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    const pour = () => {
      while (!response.destroyed && flood.takenBytes < FLOOD_BYTES) {
        flood.takenBytes += zeros.length;
        if (!response.write(zeros)) return;
      }
      response.end();
    };
    response.on('drain', pour).on('error', () => {});
    pour();
  });
  return flood;
}

function newProvider(): EvolutionProvider {
  const provider = new EvolutionProvider(true);
  closers.push(() => provider.onModuleDestroy());
  return provider;
}

function account(baseUrl: string, apiKey = 'k'): ProviderAccount {
  return { connectionId: 'c-1', credentials: { baseUrl, apiKey, instanceName: 'shop' } };
}

const MESSAGE: OutboundMessage = {
  outboxId: '7',
  to: { address: '5215512345678@s.whatsapp.net', phone: '+5215512345678' },
  content: { kind: 'text', text: 'hola' },
};
const FILE = { id: 'm-1', mimeType: 'image/png' };

type Call = (provider: EvolutionProvider, at: ProviderAccount, signal: AbortSignal) => Promise<unknown>;
const CALLS: [string, Call][] = [
  ['a send', (provider, at, signal) => provider.send(at, MESSAGE, signal)],
  ['a check', (provider, at, signal) => provider.check(at, signal)],
  ['a file', (provider, at, signal) => provider.openMedia(at, FILE, signal).catch(String)],
  [
    'a read mark',
    (provider, at, signal) =>
      provider.markRead(at, { to: MESSAGE.to, providerMessageId: 'A', isTyping: false }, signal),
  ],
];

// A file in a success is read by whoever keeps it, up to the largest file.
const FLOODS = CALLS.flatMap(([name, call]) =>
  (name === 'a file' ? [500] : [200, 500]).map((status) => ({ name, call, status })),
);

it.each(FLOODS)('an answer of 900 MB to $name with HTTP $status is neither read nor kept', async ({ call, status }) => {
  const flood = await startFlood(status);
  const provider = newProvider();
  const before = process.memoryUsage().rss;
  await call(provider, account(flood.url), AbortSignal.timeout(10_000));
  expect(flood.takenBytes).toBeLessThan(TAKEN_MAX_BYTES);
  expect(process.memoryUsage().rss - before).toBeLessThan(GROWTH_MAX_BYTES);
});

it.each(CALLS)('an answer that drips ends %s at its deadline, and other servers go on', async (_, call) => {
  const url = await startServer((response) => {
    response.writeHead(500, { 'content-type': 'application/json' });
    const drip = setInterval(() => response.write(' '), 50);
    response.on('close', () => clearInterval(drip));
  });
  const other = await startEvolutionDouble();
  closers.push(() => other.stop());
  other.addInstance('shop');
  const provider = newProvider();
  const startedAt = performance.now();
  const dripping = call(provider, account(url), AbortSignal.timeout(DEADLINE_MS)).then(() => performance.now());
  const sent = await provider.send(account(other.url, other.apiKey), MESSAGE, AbortSignal.timeout(DEADLINE_MS));
  expect(sent).toMatchObject({ outcome: 'accepted' });
  expect((await dripping) - startedAt).toBeLessThan(DEADLINE_MS + 1_500);
});
