import type { TemplateParts } from '../messages/template-content.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { ProviderAccount } from '../providers/whatsapp-provider.js';

/** A connection as the message path needs it: whose it is, how it stands, and the account opened. */
export type PathConnection = {
  readonly tenantId: TenantId;
  readonly botId: string;
  readonly connectionId: string;
  /** A name from our own table; the factory knows whether it still has a strategy. */
  readonly provider: string;
  /** Digits of the number customers see; null when nobody told. */
  readonly number: string | null;
  readonly isPaused: boolean;
  readonly health: ConnectionHealth;
  /** Not authorised when last tried, and that is long enough ago to try again. */
  readonly isProbeDue: boolean;
  /** A linked device whose socket is not open anywhere. */
  readonly isOffline: boolean;
  /** Until then the number writes to nobody first. */
  readonly restrictedUntil: Date | null;
  /** Null when the credentials cannot be opened with this process's key. */
  readonly account: ProviderAccount | null;
  readonly bot: BotRules;
};

export type ConnectionHealth = 'unknown' | 'up' | 'degraded' | 'auth_lost';

/** What a bot's owner decided about the choice of a connection. */
export type BotRules = {
  readonly failover: 'same_number' | 'any_number';
  /** What to say where free text may not go. */
  readonly windowTemplate: WindowTemplate | null;
};

export type WindowTemplate = TemplateParts & {
  readonly name: string;
  readonly language: string;
  readonly params: readonly string[];
};
