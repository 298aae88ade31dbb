import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OutboundMessage, ProviderAccount } from '../whatsapp-provider.js';
import { SimulatorProvider, type SimulatorOptions } from './simulator.provider.js';
import type { SimulatedUpdate } from './simulator.statuses.js';

const ACCOUNT: ProviderAccount = { connectionId: 'c-1', credentials: {} };

function message(phone = '+5215512345678', outboxId = '7'): OutboundMessage {
  return { outboxId, to: { address: phone.slice(1), phone }, content: { kind: 'text', text: 'Hola' } };
}

let provider: SimulatorProvider;
let told: SimulatedUpdate[][];

function simulator(options?: SimulatorOptions): SimulatorProvider {
  provider = new SimulatorProvider(options);
  told = [];
  provider.reportTo({ deliver: async (updates) => void told.push([...updates]) });
  return provider;
}
const send = (one = message(), signal = new AbortController().signal) => provider.send(ACCOUNT, one, signal);
const statuses = () => told.flat().map(({ status }) => status);

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-09-21T12:00:00Z') });
  simulator();
});
afterEach(() => {
  provider.onModuleDestroy();
  vi.useRealTimers();
});

it('takes everything and gives the same id for the same outbox row', async () => {
  expect(await send()).toEqual({ outcome: 'accepted', providerMessageId: 'wamid.SIM.7' });
  expect(await send()).toEqual({ outcome: 'accepted', providerMessageId: 'wamid.SIM.7' });
  expect(await send(message('+5215512345678', '8'))).toMatchObject({ providerMessageId: 'wamid.SIM.8' });
});

it('needs no credentials, takes none and is always up', async () => {
  expect(provider.credentialsSchema.safeParse({}).success).toBe(true);
  expect(provider.credentialsSchema.safeParse({ token: 'x' }).success).toBe(false);
  await expect(provider.ping()).resolves.toBeUndefined();
});

describe('statuses', () => {
  it('come a while later: delivered, then read', async () => {
    await send();
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(told.flat()).toEqual([
      { connectionId: 'c-1', outboxId: '7', status: 'delivered', at: new Date('2026-09-21T12:00:00.300Z') },
      { connectionId: 'c-1', outboxId: '7', status: 'read', at: new Date('2026-09-21T12:00:00.600Z') },
    ]);
  });

  it('come in batches', async () => {
    await Promise.all(Array.from({ length: 100 }, (_, index) => send(message('+5215512345678', String(index)))));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(told.map((batch) => batch.length)).toEqual([100, 100]);
  });

  it('are told again when they could not be recorded, one batch at a time', async () => {
    let attempts = 0;
    provider.reportTo({
      deliver: async (updates) => {
        if (++attempts === 1) throw new Error('database is away');
        told.push([...updates]);
      },
    });
    await send();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(statuses()).toEqual(['delivered', 'read']);
    expect(attempts).toBe(2);
  });

  it('are not told after the stop, nor without anybody to tell', async () => {
    await send();
    provider.onModuleDestroy();
    await send();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told).toEqual([]);
    const silent = new SimulatorProvider();
    expect(await silent.send(ACCOUNT, message(), new AbortController().signal)).toMatchObject({ outcome: 'accepted' });
  });

  it('forget the oldest rather than grow without bound', async () => {
    for (let index = 0; index < 10_001; index++) await send(message('+5215512345678', String(index)));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(told.flat()).toHaveLength(20_000);
    expect(told.flat().some(({ outboxId }) => outboxId === '0')).toBe(false);
  });

  it.each([
    ['+99901155', ['read']],
    ['+99901255', ['read', 'delivered']],
    ['+99901355', ['delivered', 'delivered', 'read', 'read']],
    ['+99901555', []],
  ])('come to %s as %j', async (phone, expected) => {
    expect(await send(message(phone))).toMatchObject({ outcome: 'accepted' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(statuses()).toEqual(expected);
  });

  it('say why a message failed after it was taken', async () => {
    expect(await send(message('+99901455'))).toMatchObject({ outcome: 'accepted' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told.flat()).toMatchObject([{ status: 'failed', errorCode: 'SIMULATED', errorTitle: expect.any(String) }]);
  });
});

describe('faults by recipient', () => {
  it.each([
    ['+99900155', 'retry'],
    ['+99900255', 'rate'],
    ['+99900355', 'failover'],
    ['+99900455', 'template'],
    ['+99900555', 'recipient'],
    ['+99900655', 'auth'],
    ['+99900755', 'permanent'],
  ])('INV-5: refuses %s with class %s and reports nothing', async (phone, expected) => {
    expect(await send(message(phone))).toMatchObject({ outcome: 'rejected', class: expected });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told).toEqual([]);
  });

  it.each([
    ['+99900855', []],
    ['+99900955', ['delivered', 'read']],
  ])('INV-5: leaves the outcome for %s unknown, and statuses tell %j', async (phone, expected) => {
    expect(await send(message(phone))).toMatchObject({ outcome: 'unknown' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(statuses()).toEqual(expected);
  });

  it('answers +999010… late, and INV-5: a caller that does not wait cannot know', async () => {
    const patient = send(message('+99901055'));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await patient).toMatchObject({ outcome: 'accepted' });
    const deadline = new AbortController();
    const hasty = send(message('+99901055'), deadline.signal);
    deadline.abort();
    expect(await hasty).toMatchObject({ outcome: 'unknown' });
  });

  it('reads the number from the address of a customer who hides the phone, and spares all others', async () => {
    const hidden = { ...message(), to: { address: '99900555', phone: null } };
    expect(await send(hidden)).toMatchObject({ class: 'recipient' });
    for (const phone of ['+9991', '+99999955', '+52999005']) {
      expect(await send(message(phone))).toMatchObject({ outcome: 'accepted' });
    }
  });

  it('sends nothing for a caller that gave up beforehand', async () => {
    expect(await send(message(), AbortSignal.abort())).toMatchObject({ outcome: 'rejected', class: 'retry' });
  });
});

it('follows an injected script before the faults by recipient', async () => {
  simulator({ script: ({ outboxId }) => (outboxId === '1' ? { outcome: 'rate' } : null), statusStepMs: 1 });
  expect(await send(message('+5215512345678', '1'))).toMatchObject({ class: 'rate' });
  expect(await send(message('+99900555', '2'))).toMatchObject({ class: 'recipient' });
  expect(await send(message('+5215512345678', '3'))).toMatchObject({ outcome: 'accepted' });
  await vi.advanceTimersByTimeAsync(100);
  expect(statuses()).toEqual(['delivered', 'read']);
});
