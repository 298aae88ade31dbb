import type { InboundContent } from '../../messages/message-content.js';
import type { DeliveryStatus } from '../whatsapp-provider.js';
import type { WebPerson } from '../whatsapp-web/jid.js';

/** What one POST of Evolution says, in our words. */
export type EvolutionWebhook = {
  /** Lower case with dots, such as `messages.upsert`. */
  readonly event: string;
  /** The instance it speaks for; null when it does not say. */
  readonly instance: string | null;
  readonly messages: readonly InboundMessage[];
  readonly statuses: readonly StatusUpdate[];
  readonly notices: readonly Notice[];
};

export type InboundMessage = WebPerson & {
  /** `key.id`; changes of a message, which share its id, have one of their own made from it. */
  readonly providerMessageId: string;
  readonly profileName: string | null;
  readonly providerTimestamp: Date;
  readonly content: InboundContent;
  /** In a group: by the person above, kept to be read. */
  readonly groupId: string | null;
  /** Said by the shop from its phone; then the person above is whom it was said to. */
  readonly isOwn: boolean;
  /** Own, and said through Evolution: by us, or by another program of the shop's. */
  readonly isByApi?: boolean;
};

export type StatusUpdate = {
  readonly providerMessageId: string;
  readonly status: Exclude<DeliveryStatus, 'queued'>;
  readonly at: Date;
};

/**
 * What is neither a customer's message nor a status.
 *
 * health: the instance gained or lost WhatsApp · own: a change the shop made to a message of its own · elsewhere: in a
 * broadcast or a channel, where nobody is answered · ignored: an event or status we do not use · unreadable: a part that
 * made no sense
 */
export type Notice =
  | { readonly kind: 'health'; readonly health: 'up' | 'degraded' | 'auth_lost'; readonly reason: string | null }
  | { readonly kind: 'own' | 'elsewhere' }
  | { readonly kind: 'ignored' | 'unreadable'; readonly what: string };
