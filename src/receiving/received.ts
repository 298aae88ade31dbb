import type { ConnectionHealth, PathConnection } from '../connections/path-connection.js';
import type { IngestEvent } from '../conversations/inbox/ingest.service.js';
import type { StatusUpdate } from '../delivery/statuses/delivery-status.service.js';
import type { TemplateNotice } from '../connections/templates/template-states.js';
import type { Identity } from '../messages/identity-keys.js';

/** What a provider brought, in the words of all of them: proved and read, and not kept yet. */
export type Received = {
  /** A time of an event or a status that equals it was not given by the provider. */
  readonly receivedAt: Date;
  readonly events: readonly IngestEvent[];
  readonly statuses: readonly StatusUpdate[];
};

/** One webhook. */
export type ReceivedWebhook = Received & {
  /** Whom it is proved to come from. */
  readonly connections: readonly PathConnection[];
  readonly notices: readonly Notice[];
  /** Numbers or instances that are none of ours, one per part that was for them. */
  readonly strangers: readonly string[];
  /** Where a status may overtake the answer to the send it is about, which alone brings the id they share. */
  readonly statusPatienceMs?: number;
};

/** What is neither a message nor a status: something that changes, something for the log, or both. */
export type Notice = {
  readonly change?: Change;
  readonly log?: { readonly level: 'debug' | 'log' | 'warn'; readonly text: string; readonly about: object };
};

export type Change =
  /** The connection gained or lost WhatsApp. */
  | {
      readonly kind: 'health';
      readonly connection: PathConnection;
      readonly health: ConnectionHealth;
      readonly reason: string | null;
    }
  /** The same person by a new number or id. */
  | {
      readonly kind: 'moved';
      readonly connections: readonly PathConnection[];
      readonly from: Identity;
      readonly to: Identity;
    }
  | {
      readonly kind: 'marketing';
      readonly connections: readonly PathConnection[];
      readonly identities: readonly string[];
      readonly isWanted: boolean;
    }
  /** A message template of a business account got another state. */
  | {
      readonly kind: 'template';
      readonly connections: readonly PathConnection[];
      readonly accountId: string;
      readonly template: TemplateNotice;
    };

/** How one provider's webhooks are proved and read. Looks up whom they claim to come from, and does nothing else. */
export interface WebhookAdapter<Post> {
  readonly provider: string;
  /**
   * @throws BadWebhookSignatureError nothing proves whom it comes from
   * @throws ConnectionNotFoundError its address names no connection of this provider
   * @throws CredentialsUnreadableError it cannot be proved here and now
   * @throws MalformedWebhookError nothing in it could be read
   */
  read(post: Post): Promise<ReceivedWebhook>;
}
