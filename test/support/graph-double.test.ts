import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { isSignedByMeta } from '../../src/providers/official/official.signature.js';
import { parseOfficialWebhook } from '../../src/providers/official/official.webhook.js';
import { startGraphDouble, type GraphDouble, type GraphDoubleOptions } from './graph-double.js';
import { inbound, inboundText } from './graph-double-webhook.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(options: GraphDoubleOptions = {}): Promise<GraphDouble> {
  const double = await startGraphDouble({ latencyMs: 0, ...options });
  closers.push(() => double.stop());
  return double;
}

function body(outboxId: string, changes: object = {}) {
  const text = { type: 'text', text: { body: 'Hola' } };
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: '+525512345678',
    ...text,
    biz_opaque_callback_data: outboxId,
    ...changes,
  };
}

async function post(double: GraphDouble, value: unknown, token = 'test-access-token', path = '/v25.0/1001/messages') {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${double.url}${path}`, { method: 'POST', headers, body: JSON.stringify(value) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

type Received = { readonly raw: Buffer; readonly headers: IncomingHttpHeaders };

/** A webhook that answers as told, 200 from then on, and can be waited for. */
async function webhook(...statuses: number[]) {
  const received: Received[] = [];
  const waiting: { readonly isDone: () => boolean; readonly resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ raw: Buffer.concat(chunks), headers: request.headers });
      response.writeHead(statuses.shift() ?? 200).end();
      for (const { isDone, resolve } of waiting) if (isDone()) resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  closers.push(async () => server.closeAllConnections());
  const told = () => received.flatMap(({ raw }) => [...parseOfficialWebhook(JSON.parse(raw.toString())).statuses]);
  const waitFor = (isDone: () => boolean) =>
    new Promise<void>((resolve) => (isDone() ? resolve() : waiting.push({ isDone, resolve })));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, received, told, waitFor };
}

describe('sending', () => {
  it('takes a right message, gives it an id and remembers it', async () => {
    const double = await start();
    const answer = await post(double, body('7'));
    expect(answer).toMatchObject({
      status: 200,
      body: {
        contacts: [{ input: '+525512345678', wa_id: '525512345678' }],
        messages: [{ id: double.accepted[0]?.wamid }],
      },
    });
    expect(double.accepted).toMatchObject([{ outboxId: '7', phoneNumberId: '1001', to: '+525512345678' }]);
  });

  it('INV-5: counts what it took twice', async () => {
    const double = await start();
    for (const outboxId of ['1', '2', '2', '2']) await post(double, body(outboxId));
    expect(double.duplicates).toEqual(new Map([['2', 3]]));
    double.reset();
    expect(double.duplicates.size + double.accepted.length).toBe(0);
  });

  it.each([
    ['a wrong token', body('1'), 'wrong', undefined, 401, 190],
    ['a number it does not have', body('1'), undefined, '/v25.0/2002/messages', 400, 100],
    ['another path', body('1'), undefined, '/messages', 400, 100],
    ['no recipient', body('1', { to: undefined }), undefined, undefined, 400, 131008],
    ['a recipient without plus', body('1', { to: '525512345678' }), undefined, undefined, 400, 131009],
    ['no text', body('1', { text: {} }), undefined, undefined, 400, 131008],
    ['a text too long', body('1', { text: { body: 'x'.repeat(4097) } }), undefined, undefined, 400, 131009],
    ['an unknown field', body('1', { priority: 1 }), undefined, undefined, 400, 100],
    ['an unknown type', body('1', { type: 'poll' }), undefined, undefined, 400, 131009],
    ['no object', 'text', undefined, undefined, 400, 131009],
  ])('refuses %s', async (_, value, token, path, status, code) => {
    const double = await start({ phoneNumberIds: ['1001'] });
    expect(await post(double, value, token, path)).toMatchObject({ status, body: { error: { code } } });
    expect(double.accepted).toEqual([]);
  });

  it('refuses two buttons with one title, and two rows with one id', async () => {
    const double = await start();
    const button = { type: 'reply', reply: { id: 'a', title: 'Sí' } };
    const interactive = { type: 'button', body: { text: '?' }, action: { buttons: [button, button] } };
    const row = { id: 'a', title: 'A' };
    const list = {
      type: 'list',
      body: { text: '?' },
      action: { button: 'Ver', sections: [{ title: 'S', rows: [row, row] }] },
    };
    for (const wrong of [interactive, list]) {
      const value = { ...body('1'), text: undefined, type: 'interactive', interactive: wrong };
      expect(await post(double, value)).toMatchObject({ body: { error: { code: 131009 } } });
    }
  });

  it('limits the messages per second of a number, and those to one person', async () => {
    const double = await start({ limits: { perSecond: 5, pair: { burst: 2, refillMs: 60_000 } } });
    const codes: unknown[] = [];
    for (const to of [
      '+525500000001',
      '+525500000001',
      '+525500000001',
      '+525500000002',
      '+525500000003',
      '+525500000004',
    ]) {
      const { body: answer } = await post(double, body('1', { to }));
      codes.push((answer.error as { code?: number } | undefined)?.code);
    }
    expect(codes).toEqual([undefined, undefined, 131056, undefined, undefined, 130429]);
    expect(await post(double, body('1'), undefined, '/v25.0/2002/messages')).toMatchObject({ status: 200 });
  });

  it('fails as told, by script or by chance, the same for the same seed', async () => {
    const outcomesOf = async (seed: number) => {
      const double = await start({ seed, faultRates: [{ rate: 0.5, fault: { kind: 'error', code: 131000 } }] });
      double.failNext(131056);
      const statuses: number[] = [];
      for (let index = 0; index < 12; index++) statuses.push((await post(double, body(String(index)))).status);
      return statuses;
    };
    const first = await outcomesOf(1);
    expect(first[0]).toBe(403);
    expect(new Set(first.slice(1))).toEqual(new Set([200, 500]));
    expect(await outcomesOf(1)).toEqual(first);
    expect(await outcomesOf(2)).not.toEqual(first);
    const scripted = await start({ script: ({ to }) => (to?.endsWith('9') ? { kind: 'error', code: 131026 } : null) });
    expect(await post(scripted, body('1', { to: '+525500000009' }))).toMatchObject({
      body: { error: { code: 131026 } },
    });
    expect(await post(scripted, body('1'))).toMatchObject({ status: 200 });
  });

  it('can be waited for, and says how far it got', async () => {
    const double = await start();
    const both = double.waitForAccepted(2);
    await Promise.all([post(double, body('1')), post(double, body('2'))]);
    expect(await both).toHaveLength(2);
    await expect(double.waitForAccepted(3, 1)).rejects.toThrow('Only 2 of 3');
  });
});

describe('telling statuses', () => {
  it('tells sent, delivered and read with the outbox id, signed, until they are taken', async () => {
    const target = await webhook(500, 503);
    const double = await start({ echo: { callbackUrl: target.url, delayMs: 1, stepMs: 30 } });
    await post(double, body('7'));
    await target.waitFor(() => target.told().length >= 5); // two that were refused come again
    const ours = target.told().filter(({ outboxId }) => outboxId === '7');
    expect(new Set(ours.map(({ status }) => status))).toEqual(new Set(['sent', 'delivered', 'read']));
    for (const { raw, headers } of target.received) {
      expect(isSignedByMeta(raw, String(headers['x-hub-signature-256']), double.appSecret)).toBe(true);
    }
  });

  it('can leave the outbox id out, tell a failure, repeat, and shuffle', async () => {
    const target = await webhook();
    const echo = { callbackUrl: target.url, delayMs: 1, duplicateRate: 1, isShuffled: true, isAnonymous: true };
    const double = await start({ echo: { ...echo, sequence: ['failed'] } });
    await post(double, body('7'));
    await target.waitFor(() => target.told().length >= 2);
    const failed = {
      providerMessageId: double.accepted[0]?.wamid,
      outboxId: null,
      status: 'failed',
      errorCode: '131026',
    };
    expect(target.told()).toMatchObject([failed, failed]);
  });

  it('can lose them, and stops with the double', async () => {
    const target = await webhook();
    const double = await start({ echo: { callbackUrl: target.url, delayMs: 60_000 } });
    await post(double, body('1'));
    expect(double.openStatuses).toBe(3);
    double.echoTo({ callbackUrl: target.url, delayMs: 1, lossRate: 1 });
    await post(double, body('2'));
    expect(double.openStatuses).toBe(0);
    expect(target.received).toEqual([]);
  });
});

describe('customers', () => {
  it('write in one signed body, with accents escaped as Meta does, as often as told', async () => {
    const target = await webhook();
    const double = await start();
    const messages = [
      inboundText({ phoneNumberId: '1001', from: '5215512345678', text: '¿Café? ☕', name: 'Ana' }),
      inbound({ phoneNumberId: '2002', from: '5215500000000', type: 'image', content: { id: 'm1' } }),
    ];
    await double.emitInbound(target.url, messages, 2);
    expect(target.received).toHaveLength(2);
    const [first] = target.received;
    expect(first?.raw.toString()).toContain(String.raw`\u00bfCaf\u00e9? \u2615`);
    expect(parseOfficialWebhook(JSON.parse(String(first?.raw))).messages).toMatchObject([
      { phoneNumberId: '1001', profileName: 'Ana', content: { text: '¿Café? ☕' } },
      { phoneNumberId: '2002', content: { type: 'image' } },
    ]);
  });

  it('can be forged', async () => {
    const target = await webhook(401);
    const double = await start();
    expect(await double.emitOnce(target.url, { object: 'x' }, 'wrong-secret')).toEqual({ status: 401, body: '' });
    const [forged] = target.received;
    const header = String(forged?.headers['x-hub-signature-256']);
    expect(isSignedByMeta(forged?.raw ?? Buffer.alloc(0), header, double.appSecret)).toBe(false);
    expect(isSignedByMeta(forged?.raw ?? Buffer.alloc(0), header, 'wrong-secret')).toBe(true);
  });
});

describe('as a process of its own', () => {
  /** Runs the TypeScript as it is; loads run it compiled. */
  const loader = `data:text/javascript,${encodeURIComponent(`
    import { registerHooks } from 'node:module';
    registerHooks({
      resolve(specifier, context, next) {
        try {
          return next(specifier, context);
        } catch (error) {
          if (!specifier.startsWith('.')) throw error;
          return next(specifier.replace(/\\.js$/, '.ts'), context);
        }
      },
    });
  `)}`;

  it('says where it is, obeys line by line, and ends with its stdin', async () => {
    const file = new URL('graph-double-process.ts', import.meta.url).pathname;
    const flags = ['--no-warnings', '--experimental-transform-types', '--import', loader];
    const child = spawn(process.execPath, [...flags, file, JSON.stringify({ latencyMs: 0, appSecret: 's' })]);
    closers.push(async () => void child.kill('SIGKILL'));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const read = async () => JSON.parse((await lines.next()).value ?? 'null') as Record<string, unknown>;
    const ask = (command: object) => {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      return read();
    };
    const { url } = await read();
    const send = (outboxId: string) => post({ url } as GraphDouble, body(outboxId));

    await Promise.all([send('1'), send('1')]);
    expect(await ask({ do: 'state' })).toEqual({ requests: 2, accepted: 2, openStatuses: 0, duplicates: { 1: 2 } });
    expect(await ask({ do: 'accepted', after: 1 })).toMatchObject([{ outboxId: '1' }]);
    await ask({ do: 'fail', faults: [131056] });
    expect(await send('2')).toMatchObject({ status: 403 });

    const target = await webhook();
    await ask({ do: 'echo', options: { callbackUrl: target.url, delayMs: 1, sequence: ['sent'] } });
    await send('3');
    await target.waitFor(() => target.told().some(({ outboxId }) => outboxId === '3'));
    const hola = inboundText({ phoneNumberId: '1001', from: '5215512345678', text: 'Hola' });
    await ask({ do: 'inbound', callbackUrl: target.url, messages: [hola] });
    expect(
      isSignedByMeta(
        target.received[1]?.raw ?? Buffer.alloc(0),
        String(target.received[1]?.headers['x-hub-signature-256']),
        's',
      ),
    ).toBe(true);
    expect(await ask({ do: 'reset' })).toMatchObject({ accepted: 0 });

    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stdin.end();
    expect(await ended).toBe(0);
  });
});
