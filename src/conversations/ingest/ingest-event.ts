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
  /** Every name the person goes by, the best known first: `tel:<folded digits>` and/or `bsuid:<id>`; at least one. */
  readonly identities: readonly string[];
  readonly profileName: string | null;
  /** Tells one message from another on this connection. */
  readonly providerMessageId: string;
  readonly providerAt: Date;
  readonly content: InboundContent;
};

export type ReceivedEvent = IngestEvent & { readonly receivedAt: Date };

/** Per event, in order: null when it is stored (or was before), else why not. */
export type StoreResult = readonly (Error | null)[];

/** The event names a bot or line that does not exist (any more). */
export class UnroutableEventError extends Error {
  override readonly name = 'UnroutableEventError';
}
