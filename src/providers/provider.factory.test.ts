import { Test } from '@nestjs/testing';
import { expect, it } from 'vitest';
import { BaileysDouble } from '../../test/support/baileys-double.js';
import { BaileysProvider } from '../devices/baileys.provider.js';
import { LinkedCheck } from '../devices/linked-check.js';
import { SocketFactory } from './baileys/linked-socket.js';
import { SentMessages } from '../devices/sent-messages.js';
import { OpenSessions } from '../devices/open-sessions.js';
import { EVOLUTION_PRIVATE_ALLOWED, EvolutionProvider } from './evolution/evolution.provider.js';
import { META_GRAPH_URL, META_GRAPH_VERSION, OfficialProvider } from './official/official.provider.js';
import { UnknownProviderError } from './provider.errors.js';
import { ProviderFactory } from './provider.factory.js';
import { SimulatorProvider } from './simulator/simulator.provider.js';
import { TWILIO_API_URL, TwilioProvider } from './twilio/twilio.provider.js';
import { PROVIDER_NAMES } from './whatsapp-provider.js';

async function factory(): Promise<ProviderFactory> {
  const module = await Test.createTestingModule({
    providers: [
      ProviderFactory,
      OfficialProvider,
      TwilioProvider,
      EvolutionProvider,
      OpenSessions,
      { provide: SentMessages, useValue: {} },
      { provide: SocketFactory, useClass: BaileysDouble },
      { provide: LinkedCheck, useValue: {} },
      BaileysProvider,
      SimulatorProvider,
      { provide: META_GRAPH_URL, useValue: 'http://127.0.0.1:1' },
      { provide: META_GRAPH_VERSION, useValue: 'v25.0' },
      { provide: EVOLUTION_PRIVATE_ALLOWED, useValue: true },
      { provide: TWILIO_API_URL, useValue: 'http://127.0.0.1:1' },
    ],
  }).compile();
  await module.init();
  return module.get(ProviderFactory);
}

it('has a strategy for every name, and each answers to the name it is listed under', async () => {
  const providers = await factory();
  for (const name of PROVIDER_NAMES) expect(providers.get(name).name).toBe(name);
});

it.each(['carrier-pigeon', 'toString', '__proto__', ''])('does not know a provider named "%s"', async (name) => {
  const providers = await factory();
  expect(() => providers.get(name)).toThrow(UnknownProviderError);
});

it('asks for exactly the credentials of the architecture', async () => {
  const { credentialsSchema } = (await factory()).get('official');
  const credentials = { phoneNumberId: '1001', accessToken: 'EAAB', appSecret: 's3cret', verifyToken: 'mine' };
  expect(credentialsSchema.parse(credentials)).toEqual(credentials);
  expect(credentialsSchema.safeParse({ ...credentials, wabaId: '2002' }).success).toBe(true);
  for (const wrong of [
    { ...credentials, phoneNumberId: '../me' },
    { ...credentials, accessToken: 'a\nb' },
    { ...credentials, verifyToken: '' },
    { ...credentials, appSecret: undefined },
    { ...credentials, token: 'x' },
  ]) {
    expect(credentialsSchema.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
  }
});
