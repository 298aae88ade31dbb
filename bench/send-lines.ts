import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { SecretBox } from '../src/platform/crypto/secret-box.js';
import { EvolutionProvider } from '../src/providers/evolution/evolution.provider.js';
import { OfficialProvider } from '../src/providers/official/official.provider.js';
import { TwilioProvider } from '../src/providers/twilio/twilio.provider.js';
import type { WhatsAppProvider } from '../src/providers/whatsapp-provider.js';
import { DOUBLE_ACCOUNT_SID, DOUBLE_AUTH_TOKEN } from '../test/support/twilio-double-webhook.js';

export const BENCH_PROVIDERS = ['official', 'twilio', 'evolution'] as const;
export type BenchProvider = (typeof BENCH_PROVIDERS)[number];
export type Strategy = WhatsAppProvider & { onModuleDestroy(): Promise<void> };
export type Talk = { readonly conversationId: string; readonly connectionId: string };

export const INSTANCE = 'bench';
const LINES = 100;
const TALKS_PER_LINE = 2;

const STRATEGIES: Record<BenchProvider, (url: string) => Strategy> = {
  official: (url) => new OfficialProvider(url),
  twilio: (url) => new TwilioProvider(url),
  evolution: () => new EvolutionProvider(true),
};

export function strategyAt(provider: BenchProvider, url: string): Strategy {
  return STRATEGIES[provider](url);
}

/** The credentials its double takes, of a line with a number of its own. */
export function credentialsOf(provider: BenchProvider, url: string, line = 0): Record<string, string> {
  return {
    official: {
      phoneNumberId: String(10_000_000_000 + line),
      accessToken: 'test-access-token',
      appSecret: 'test-app-secret',
      verifyToken: 'v',
    },
    twilio: { accountSid: DOUBLE_ACCOUNT_SID, authToken: DOUBLE_AUTH_TOKEN, from: `+1415523${1000 + line}` },
    evolution: { baseUrl: url, apiKey: 'global-key', instanceName: INSTANCE },
  }[provider];
}

/** A shop whose bots each have one line, and two customers on each: so many that no number meets its own limit. */
export async function openTalks(owner: Pool, box: SecretBox, provider: BenchProvider, url: string): Promise<Talk[]> {
  const tenantId = randomUUID();
  await owner.query(`insert into tenant (id, name, locale, currency) values ($1, 'Tienda', 'es', 'MXN')`, [tenantId]);
  const talks: Talk[] = [];
  for (let line = 0; line < LINES; line += 1) {
    const [botId, connectionId] = [randomUUID(), randomUUID()];
    const { sealed, keyId } = box.seal(JSON.stringify(credentialsOf(provider, url, line)));
    await owner.query(`insert into bot (id, tenant_id, name) values ($1, $2, $3)`, [botId, tenantId, `Bot ${line}`]);
    await owner.query(
      `insert into connection (id, tenant_id, bot_id, provider, name, credentials, credentials_key_id)
       values ($1, $2, $3, $4, 'Ventas', $5, $6)`,
      [connectionId, tenantId, botId, provider, sealed, keyId],
    );
    for (let customer = 0; customer < TALKS_PER_LINE; customer += 1) {
      const phone = `+52155${String(10_000_000 + line * TALKS_PER_LINE + customer)}`;
      const [contactId, conversationId] = [randomUUID(), randomUUID()];
      await owner.query('insert into contact (id, tenant_id, phone) values ($1, $2, $3)', [contactId, tenantId, phone]);
      await owner.query(
        `insert into conversation (id, tenant_id, bot_id, connection_id, contact_id, address, phone, last_in_at)
         values ($1, $2, $3, $4, $5, $6, $7, now())`,
        [conversationId, tenantId, botId, connectionId, contactId, phone.slice(1), phone],
      );
      talks.push({ conversationId, connectionId });
    }
  }
  return talks;
}
