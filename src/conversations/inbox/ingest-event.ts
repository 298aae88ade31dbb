import type { InboundContent } from '../../messages/message-content.js';

/** One inbound message as a provider's strategy understood it. */
export type IngestEvent = {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly botId: string;
  /** The provider's address of the customer: wa_id digits or a BSUID; never empty. */
  readonly address: string;
  /** E.164. */
  readonly phone: string | null;
  /** Every identity the person goes by, the best known first, from `identityKeys`; at least one. */
  readonly identities: readonly string[];
  readonly profileName: string | null;
  /** Tells one message from another on this connection. */
  readonly providerMessageId: string;
  readonly providerAt: Date;
  readonly content: InboundContent;
  /** Said by the shop, from a phone or an app of its own: it goes into the transcript as ours and nobody answers. */
  readonly isOwn?: boolean;
  /** Own, and said through the provider's API as ours is: another program of the shop's, or we. */
  readonly isByApi?: boolean;
  /** Said in a group, by the person above: kept apart and never answered. */
  readonly groupId?: string;
};

export type ReceivedEvent = IngestEvent & { readonly receivedAt: Date };

/** Per event, in order: null when it is stored (or was before), else why not. */
export type StoreResult = readonly (Error | null)[];

/** Its conversation became part of another one meanwhile: the same event, looked up again, goes there. */
export class ConversationMovedError extends Error {
  override readonly name = 'ConversationMovedError';
}

/** The event names a bot or connection that does not exist (any more). */
export class UnroutableEventError extends Error {
  override readonly name = 'UnroutableEventError';
}
