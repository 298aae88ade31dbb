import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { InboundMedia, MediaKind, OutboundContent } from '../messages/message-content.js';

export const PROVIDER_NAMES = ['official', 'twilio', 'evolution', 'baileys', 'simulator'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

/**
 * What a refusal means for the sender (reference: provider error tables).
 *
 * retry: same connection, with back-off · rate: same connection, after the stated wait · failover: this connection cannot, another may ·
 * template: outside the 24-hour window · recipient: this person cannot be reached this way · auth: credentials or
 * account; stop the connection and tell a person · permanent: the message itself is wrong
 */
export const REJECTION_CLASSES = ['retry', 'rate', 'failover', 'template', 'recipient', 'auth', 'permanent'] as const;
export type RejectionClass = (typeof REJECTION_CLASSES)[number];

/** One tenant's connection with a provider. `credentials` has passed the strategy's `credentialsSchema`. */
export type ProviderAccount = {
  readonly connectionId: string;
  readonly credentials: Readonly<Record<string, string>>;
};

/** How to reach a person: the provider's own address where we know it (Meta wa_id or BSUID), and E.164. */
export type Recipient = { readonly address: string; readonly phone: string | null };

export type OutboundMessage = {
  /** Our id; put where the provider echoes it back, so that an ambiguous send can be settled (INV-5). */
  readonly outboxId: string;
  readonly to: Recipient;
  readonly content: OutboundContent;
  /** Present exactly when the content names a file by `mediaId`, alone or as the header of a template. */
  readonly file?: OutboundFile;
};

/** What a `rate` refusal slows: one customer's chat, the sending number, or everything of the account. */
export type RateScope = 'pair' | 'number' | 'account';

/**
 * accepted: the provider took it and gave it an id · rejected: refused before acceptance, nothing left ·
 * unknown: bytes left and no answer came; never repeat blindly.
 */
/** What a refusal's rule says besides its class. */
export type RefusalRule = Pick<
  Extract<SendOutcome, { outcome: 'rejected' }>,
  'retryAfterMs' | 'waitGrowth' | 'maxRepeats' | 'slows' | 'restrictsMs'
>;

/** The rule of a failure that was reported after acceptance; undefined where its class says it all. */
export function lateRule(rule: (RefusalRule & { readonly class: string }) | undefined): RefusalRule | undefined {
  if (!rule) return undefined;
  const { retryAfterMs, waitGrowth, maxRepeats, slows, restrictsMs } = rule;
  const limits = { retryAfterMs, waitGrowth, maxRepeats, slows, restrictsMs };
  return Object.values(limits).some((limit) => limit !== undefined) ? limits : undefined;
}

export type SendOutcome =
  | { readonly outcome: 'accepted'; readonly providerMessageId: string }
  | {
      readonly outcome: 'rejected';
      readonly class: RejectionClass;
      /** The provider's code, or a network code such as ECONNREFUSED. */
      readonly code: string;
      readonly reason: string;
      /** Least wait before the next try. */
      readonly retryAfterMs?: number;
      /** Each further try multiplies the wait by this. */
      readonly waitGrowth?: number;
      /** After so many repeats the message itself counts as wrong. */
      readonly maxRepeats?: number;
      /** With `rate`; the connection when absent. */
      readonly slows?: RateScope;
      /** The number was restricted: for so long it may write to nobody who did not write first. */
      readonly restrictsMs?: number;
    }
  | { readonly outcome: 'unknown'; readonly reason: string };

/** What a connection takes of one kind of file. `mimeTypes` empty: any. */
export type MediaLimit = { readonly maxBytes: number; readonly mimeTypes: readonly string[] };

/** A file of ours that goes along with a message whose content names it by `mediaId`. */
export type OutboundFile = {
  readonly id: string;
  readonly mimeType: string;
  readonly sizeBytes: number;
  readonly filename: string | null;
  /** Signed, and valid long enough for a provider to fetch it; null when the world cannot reach us. */
  readonly publicUrl: string | null;
  /** From the beginning each time; the caller reads it to the end or destroys it. */
  open(): Promise<Readable>;
  /** What `remember` kept for this connection and file, while it is valid. */
  recall(): Promise<string | null>;
  /** Keeps the provider's own id of the file, so that the next send of it needs no upload. */
  remember(providerMediaId: string, validMs: number): Promise<void>;
};

/** What a connection can show; what it cannot is rendered down before `send` (choices become numbered text). */
export type ProviderCapabilities = {
  /** Longest text message, in UTF-16 code units. */
  readonly maxTextChars: number;
  readonly maxButtons: number;
  readonly maxListRows: number;
  readonly canSendTemplates: boolean;
  /** A connection that cannot react sends nothing in its place: the send is refused. */
  readonly canReact: boolean;
  /** A connection that cannot quote sends the same words without the quote. */
  readonly canQuote: boolean;
  /** A kind that is missing cannot be sent. */
  readonly media: Partial<Readonly<Record<MediaKind, MediaLimit>>>;
  /** Free text is refused more than 24 h after the customer's last message. */
  readonly hasServiceWindow: boolean;
};

/** A way to reach WhatsApp. Implementations keep no state between calls and never retry: the outbox does. */
export interface WhatsAppProvider {
  readonly name: ProviderName;
  readonly capabilities: ProviderCapabilities;
  /** What the provider needs from the tenant, as data: the dashboard draws its form from it. */
  readonly credentialsSchema: z.ZodObject;
  /** Hands one message over; delivery is reported later by webhook. Never throws for what a provider or network did. */
  send(account: ProviderAccount, message: OutboundMessage, signal: AbortSignal): Promise<SendOutcome>;
  /** Resolves when the provider answers at all; touches no tenant's account. */
  ping(signal: AbortSignal): Promise<void>;
  /** Whether the account works, asked of the provider itself; nobody receives anything. Never throws for its answer. */
  check(account: ProviderAccount, signal: AbortSignal): Promise<AccountCheck>;
  /** One page of the account's message templates, asked of the provider. Never throws for its answer. */
  listTemplates?(
    account: ProviderAccount,
    page: { readonly limit: number; readonly cursor?: string | undefined },
    signal: AbortSignal,
  ): Promise<TemplateAnswer>;
  /** Marks an inbound message read, and shows the customer that an answer is coming, where the provider can. */
  markRead?(account: ProviderAccount, message: ReadMark, signal: AbortSignal): Promise<void>;
  /** Opens an inbound file at the provider. The caller reads it to the end or destroys it. */
  openMedia?(account: ProviderAccount, media: InboundMedia, signal: AbortSignal): Promise<Readable>;
}

export type AccountCheck =
  | {
      readonly ok: true;
      readonly displayName: string | null;
      /** The number customers see, E.164, where the provider tells it. */
      readonly number?: string | null;
    }
  | { readonly ok: false; readonly class: RejectionClass; readonly code: string; readonly reason: string };

/** A message template as its provider keeps it; states in the provider's own words. */
export type ProviderTemplate = {
  readonly name: string;
  readonly language: string;
  readonly status: string;
  readonly category: string | null;
  readonly quality: string | null;
  readonly reason: string | null;
  readonly components: Record<string, unknown>[];
};

export type TemplateAnswer =
  | { readonly ok: true; readonly items: readonly ProviderTemplate[]; readonly nextCursor: string | null }
  | Extract<AccountCheck, { ok: false }>;

export type ReadMark = {
  readonly to: Recipient;
  /** The provider's id of the inbound message. */
  readonly providerMessageId: string;
  readonly isTyping: boolean;
};

/** Delivery ladder; a row only moves up, and `failed` gives way to a later delivered or read (INV-6). */
export const DELIVERY_STATUSES = ['queued', 'sent', 'delivered', 'read', 'played', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];
