import { identityKeys } from '../../messages/identity-keys.js';
import type { InboundContent } from '../../messages/message-content.js';
import { readProfileName } from '../reading/inbound-content.js';
import { MalformedWebhookError } from '../provider.errors.js';
import { toStorableText } from '../../messages/storable.js';
import { isBsuid, toE164 } from '../reading/whatsapp-address.js';
import { lateRule, type DeliveryStatus, type RefusalRule, type RejectionClass } from '../whatsapp-provider.js';
import { findTwilioErrorRule } from './twilio.error-table.js';
import { readContent, type TwilioFields } from './twilio.webhook-content.js';

export type TwilioMessageIn = {
  readonly kind: 'message';
  /** What to answer to: the digits of the number it came from, or the id of a customer who hides it. */
  readonly address: string;
  readonly phone: string | null;
  readonly identities: readonly string[];
  readonly profileName: string | null;
  readonly providerMessageId: string;
  readonly content: InboundContent;
};

export type TwilioStatusIn = {
  readonly kind: 'status';
  readonly providerMessageId: string;
  readonly status: Exclude<DeliveryStatus, 'queued'>;
  readonly error?: {
    readonly code: string;
    readonly class: RejectionClass | 'unknown';
    readonly reason: string;
    readonly rule?: RefusalRule;
  };
};

/** A status between two that matter, such as queued. */
export type TwilioNotice = { readonly kind: 'ignored'; readonly status: string };

const STATUSES: Readonly<Record<string, TwilioStatusIn['status'] | undefined>> = {
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  failed: 'failed',
  undelivered: 'failed',
  canceled: 'failed',
};
const MAX_ID = 64;

/**
 * Reads one verified POST: a status when it has `MessageStatus`, else a customer's message.
 *
 * @throws MalformedWebhookError it names no message, or nobody on WhatsApp who could be answered
 */
export function parseTwilioWebhook(fields: TwilioFields): TwilioMessageIn | TwilioStatusIn | TwilioNotice {
  const providerMessageId = fields.get('MessageSid') ?? fields.get('SmsMessageSid') ?? fields.get('SmsSid') ?? '';
  if (!/^[A-Za-z0-9]+$/.test(providerMessageId) || providerMessageId.length > MAX_ID) {
    throw new MalformedWebhookError('MessageSid', 'the sid of a message');
  }
  const status = fields.get('MessageStatus')?.toLowerCase();
  if (status === undefined || status === 'received') return readMessage(fields, providerMessageId);
  const known = Object.hasOwn(STATUSES, status) ? STATUSES[status] : undefined;
  if (!known) return { kind: 'ignored', status: toStorableText(status, MAX_ID) };
  return { kind: 'status', providerMessageId, status: known, error: known === 'failed' ? errorOf(fields) : undefined };
}

function readMessage(fields: TwilioFields, providerMessageId: string): TwilioMessageIn {
  const from = /^whatsapp:(.+)$/.exec(fields.get('From') ?? '')?.[1] ?? '';
  const hiddenId = /^whatsapp:(.+)$/.exec(fields.get('ExternalUserId') ?? '')?.[1] ?? '';
  const fromPhone = toE164(from);
  const bsuid = [from, hiddenId].find(isBsuid) ?? null;
  const phone = fromPhone ?? toE164(fields.get('WaId') ?? '');
  const address = fromPhone?.slice(1) ?? bsuid ?? phone?.slice(1);
  if (!address) throw new MalformedWebhookError('From', 'a WhatsApp number or user id');
  return {
    kind: 'message',
    address,
    phone,
    identities: identityKeys({ phone, bsuid }),
    profileName: readProfileName(fields.get('ProfileName')),
    providerMessageId,
    content: readContent(fields),
  };
}

/** A failure without a code leaves the reason to whoever stores it. */
function errorOf(fields: TwilioFields): TwilioStatusIn['error'] {
  const code = fields.get('ErrorCode') ?? '';
  if (!/^[1-9]\d{0,8}$/.test(code)) return undefined;
  // An unlisted code after acceptance: no reason to think that the same message would do better.
  const rule = findTwilioErrorRule(Number(code));
  const errorClass = rule?.class ?? 'permanent';
  const limits = lateRule(rule);
  const told = fields.get('ErrorMessage') ?? fields.get('ChannelStatusMessage') ?? '';
  const reason = toStorableText(told, 500) || `Error ${code}`;
  return {
    code: errorClass === 'template' ? 'window_closed' : code,
    class: errorClass,
    reason,
    ...(limits && { rule: limits }),
  };
}
