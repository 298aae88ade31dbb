/** Evolution's own checks of a send (provider reference 4.3): one sentence per broken rule, none when it may go on. */
export function checkSend(operation: string, body: unknown): string[] | null {
  const rules = Object.hasOwn(RULES, operation) ? RULES[operation] : undefined;
  if (!rules) return null;
  if (!isRecord(body)) return ['is not of a type(s) object'];
  const missing = Object.keys(rules).filter((name) => !name.endsWith('?') && body[name] === undefined);
  const wrong = Object.entries(rules).flatMap(([name, rule]) => {
    const value = body[name.replace('?', '')];
    const problem = value === undefined ? null : rule(value);
    return problem === null ? [] : [problem];
  });
  return [...missing.map((name) => `requires property "${name}"`), ...wrong];
}

/** What is only found out behind the schema, while the message is made. */
export function checkContent(operation: string, body: Readonly<Record<string, unknown>>): string | null {
  if (operation === 'sendText' && body['text'] === '') return 'Text is required';
  const file = operation === 'sendMedia' ? body['media'] : operation === 'sendSticker' ? body['sticker'] : undefined;
  if (operation !== 'sendMedia' && operation !== 'sendSticker') return null;
  const isNamed = body['mediatype'] !== 'document' || isPublicUrl(String(file)) || typeof body['fileName'] === 'string';
  if (!isNamed) return 'For base64 the file name must be informed.';
  return typeof file === 'string' && (isPublicUrl(file) || /^[A-Za-z0-9+/]{8,}={0,2}$/.test(file))
    ? null
    : 'Owned media must be a url or base64';
}

type Rule = (value: unknown) => string | null;

const text: Rule = (value) => (typeof value === 'string' ? null : 'is not of a type(s) string');
const number: Rule = (value) => (typeof value === 'number' ? null : 'is not of a type(s) number');
const flag: Rule = (value) => (typeof value === 'boolean' ? null : 'is not of a type(s) boolean');
const recipient: Rule = (value) => (typeof value === 'string' ? null : 'Invalid format');
const delay: Rule = (value) => (Number.isInteger(value) ? null : 'Enter a value in milliseconds');
const mediaType: Rule = (value) =>
  ['image', 'document', 'video', 'audio'].includes(String(value)) ? null : 'is not one of enum values: image,document';
const cards: Rule = (value) => {
  if (!Array.isArray(value) || value.length === 0) return 'does not meet minimum length of 1';
  const isCard = (card: unknown) =>
    isRecord(card) &&
    typeof card['fullName'] === 'string' &&
    card['fullName'] !== '' &&
    typeof card['phoneNumber'] === 'string' &&
    card['phoneNumber'].length >= 10;
  return value.every(isCard) ? null : 'does not meet minimum length of 10';
};

const quoted: Rule = (value) =>
  isRecord(value) && isRecord(value['key']) && typeof value['key']['id'] === 'string'
    ? null
    : 'requires property "key"';
const messageKey: Rule = (value) =>
  isRecord(value) &&
  typeof value['id'] === 'string' &&
  typeof value['remoteJid'] === 'string' &&
  typeof value['fromMe'] === 'boolean'
    ? null
    : 'requires property "id"';
const emoji: Rule = (value) =>
  typeof value === 'string' && [...new Intl.Segmenter().segment(value)].length <= 1
    ? null
    : 'Reaction must be a single emoji or empty string';

const RULES: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  sendText: { number: recipient, text, 'linkPreview?': flag, 'delay?': delay, 'quoted?': quoted },
  sendReaction: { key: messageKey, reaction: emoji },
  sendMedia: {
    number: recipient,
    'quoted?': quoted,
    mediatype: mediaType,
    'media?': text,
    'caption?': text,
    'fileName?': text,
    'mimetype?': text,
  },
  sendSticker: { number: recipient, 'sticker?': text },
  sendLocation: { number: recipient, latitude: number, longitude: number, name: text, address: text },
  sendContact: { number: recipient, contact: cards },
  sendTemplate: { name: text, language: text },
};

/** The validator wants a real top-level domain: no bare host, no address. */
function isPublicUrl(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && /\.[a-z]{2,}$/i.test(url.hostname);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
