import type { InboundContent } from '../../messages/message-content.js';
import { revoked } from '../reading/inbound-content.js';
import { isHousekeeping, readContent, readEdited } from '../whatsapp-web/web-content.js';
import { isRecord, type JsonRecord } from '../reading/webhook-reading.js';
import type { LinkedContent, LinkedMessage } from './linked-socket.js';

/** `WebMessageInfo.StubType`: the message could not be decrypted, or came without its content. */
const CIPHERTEXT = 2;
const MEDIA = ['imageMessage', 'videoMessage', 'ptvMessage', 'audioMessage', 'documentMessage', 'stickerMessage'];
/** What is needed to fetch and decrypt a file. A preview picture is not, and is larger than all of it. */
const FILE_FIELDS = ['url', 'directPath', 'mediaKey', 'mimetype', 'fileEncSha256', 'fileSha256', 'fileLength'] as const;
const MAX_WRAPPERS = 6;

/** What one message says: its own content, or a change of another message; null when nothing was said. */
export type Said = { readonly content: InboundContent; readonly changes: string | null };

/** The content of a message of a linked device, which is what Evolution passes on as JSON (reference 4.4 and 5.6). */
export function readLinkedContent(message: LinkedMessage, id: string): Said | null {
  if (!message.message) {
    const isPending = message.messageStubType === CIPHERTEXT;
    return isPending ? { content: readContent({}, id), changes: null } : null;
  }
  const plain = toPlainJson(message.message);
  const protocol = protocolOf(plain);
  if (protocol) return readChange(protocol);
  if (isHousekeeping(plain)) return null;
  const content = readContent({ message: plain }, id);
  if (content.isPlaceholder) return null;
  if (!content.media) return { content, changes: null };
  const source = { chat: message.key.remoteJid, message: fileOf(plain) };
  return { content: { ...content, media: { ...content.media, source } }, changes: null };
}

/** JSON as protobuf writes it: bytes are base64, whatever they were. */
export function toPlainJson(value: LinkedContent): JsonRecord {
  const json = JSON.stringify(value, (_, item: unknown) => {
    if (item instanceof Uint8Array) return Buffer.from(item).toString('base64');
    // `Buffer` has turned itself into this before anybody is asked.
    const isBuffer = isRecord(item) && item.type === 'Buffer' && Array.isArray(item.data);
    return isBuffer ? Buffer.from(item.data as number[]).toString('base64') : item;
  });
  return JSON.parse(json) as JsonRecord;
}

function protocolOf(message: JsonRecord): JsonRecord | null {
  const found = findIn(message, ['protocolMessage']);
  return found && isRecord(found.value) ? found.value : null;
}

/** An edit or a deletion; everything else of the kind is between WhatsApp's own devices. */
function readChange(protocol: JsonRecord): Said | null {
  const about = isRecord(protocol.key) && typeof protocol.key.id === 'string' ? protocol.key.id : '';
  if (about === '') return null;
  if (isRecord(protocol.editedMessage)) return { content: readEdited(protocol.editedMessage, about), changes: about };
  const isRevoke = protocol.type === 'REVOKE' || protocol.type === 0;
  return isRevoke ? { content: revoked(about), changes: about } : null;
}

function fileOf(message: JsonRecord): JsonRecord {
  const found = findIn(message, MEDIA);
  if (!found || !isRecord(found.value)) return {};
  const { value } = found;
  const kept = FILE_FIELDS.filter((field) => value[field] !== undefined && value[field] !== null);
  return { [found.key]: Object.fromEntries(kept.map((field) => [field, value[field]])) };
}

/** Looks through whatever wraps it: view once, disappearing, with a caption, edited. */
function findIn(message: JsonRecord, keys: readonly string[]): { key: string; value: unknown } | null {
  let current: JsonRecord | undefined = message;
  for (let depth = 0; depth < MAX_WRAPPERS && current; depth++) {
    const record: JsonRecord = current;
    const key = keys.find((name) => isRecord(record[name]));
    if (key !== undefined) return { key, value: record[key] };
    const wrapper: unknown = Object.values(record).find((value) => isRecord(value) && isRecord(value.message));
    current = isRecord(wrapper) && isRecord(wrapper.message) ? wrapper.message : undefined;
  }
  return null;
}
