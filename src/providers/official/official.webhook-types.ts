import type { InboundContent } from '../../messages/message-content.js';
import type { DeliveryStatus, RefusalRule, RejectionClass } from '../whatsapp-provider.js';

/** Everything one POST of Meta says, in our words; the lists keep the order of the batch. */
export type OfficialWebhook = {
  readonly messages: readonly InboundMessage[];
  readonly statuses: readonly StatusUpdate[];
  readonly notices: readonly AccountNotice[];
};

/** Who a message is from or to. `address` is the BSUID where there is one, else the wa_id digits; never empty. */
export type OfficialPerson = {
  readonly address: string;
  /** E.164; null for a customer who hides the number. */
  readonly phone: string | null;
  readonly bsuid: string | null;
};

export type InboundMessage = OfficialPerson & {
  /** Who they were until now, in the message that tells of a new number or id. */
  readonly formerly: OfficialPerson | null;
  readonly phoneNumberId: string;
  /** Meta's id; for a message without a usable one `unidentified.` and a hash of it, equal when it comes again. */
  readonly providerMessageId: string;
  readonly profileName: string | null;
  /** Set for a message to a group the number is in, where nobody is answered. */
  readonly groupId: string | null;
  /** One-second grain; the time of receipt when Meta's is unusable. */
  readonly providerTimestamp: Date;
  readonly content: InboundContent;
};

export type StatusUpdate = {
  readonly phoneNumberId: string;
  readonly providerMessageId: string;
  /** `biz_opaque_callback_data` as it came: ours is the outbox id, another sender on the number may put anything. */
  readonly outboxId: string | null;
  readonly status: Exclude<DeliveryStatus, 'queued'>;
  /** When it happened; statuses arrive in any order. */
  readonly at: Date;
  readonly errorCode?: string;
  readonly errorClass?: RejectionClass;
  readonly errorTitle?: string;
  readonly errorRule?: RefusalRule;
};

type NoticeOrigin = { readonly wabaId: string | null; readonly phoneNumberId: string | null };

/**
 * What is neither a customer's message nor a status.
 *
 * error: trouble of the whole number · account: template, quality and account changes, with Meta's own fields in
 * `detail` · preference: a customer stopped or resumed marketing · moved: a customer's number or id changed · echo: a
 * person answered from the Business app; record as outbound, never answer · ignored: a field we do not use ·
 * unreadable: a part of the batch that made no sense, up to 4 kB of it
 */
export type AccountNotice = NoticeOrigin &
  (
    | { readonly kind: 'error'; readonly code: string; readonly class: RejectionClass; readonly title: string }
    | {
        readonly kind: 'account';
        readonly field: string;
        readonly event: string | null;
        readonly detail: Readonly<Record<string, unknown>>;
      }
    | {
        readonly kind: 'preference';
        readonly person: OfficialPerson;
        readonly wantsMarketing: boolean;
        readonly at: Date;
      }
    | { readonly kind: 'moved'; readonly from: OfficialPerson; readonly to: OfficialPerson; readonly at: Date }
    | {
        readonly kind: 'echo';
        readonly providerMessageId: string;
        readonly to: OfficialPerson;
        readonly at: Date;
        readonly content: InboundContent;
      }
    | { readonly kind: 'ignored'; readonly field: string }
    | { readonly kind: 'unreadable'; readonly path: string; readonly raw: string }
  );
