/** What Evolution tells in `data`, part by part, for tests of what reads it. */

/** Seconds since 1970, as Evolution writes them; `AT_DATE` is the same. */
export const AT = 1_790_000_000;
export const AT_DATE = new Date(AT * 1000);

let count = 0;

/** `data` of `messages.upsert`; `message` holds the content under its key. */
export function upsert(message: unknown, overrides: { key?: object; id?: string } & Record<string, unknown> = {}) {
  const { key, id = `3EB0${String(++count).padStart(16, '0')}`, ...rest } = overrides;
  const content = typeof message === 'object' && message !== null ? Object.keys(message) : [];
  return {
    key: { remoteJid: '5215512345678@s.whatsapp.net', fromMe: false, id, participant: '', ...key },
    pushName: 'Ana',
    status: 'DELIVERY_ACK',
    message,
    messageType: content.find((name) => name.endsWith('Message') || name === 'conversation'),
    messageTimestamp: AT,
    instanceId: '2f7a3a52-0000-4000-8000-000000000000',
    source: 'android',
    ...rest,
  };
}

export function textUpsert(text: string, overrides: Parameters<typeof upsert>[1] = {}) {
  return upsert({ conversation: text, messageContextInfo: { deviceListMetadataVersion: 2 } }, overrides);
}

/** `data` of `messages.update`. */
export function statusUpdate(keyId: string, status: string, extra: object = {}) {
  return {
    messageId: 'cm0internal',
    keyId,
    remoteJid: '87654321@lid',
    fromMe: true,
    participant: '5215500000000:12@s.whatsapp.net',
    status,
    instanceId: '2f7a3a52-0000-4000-8000-000000000000',
    ...extra,
  };
}
