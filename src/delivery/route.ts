import type { OutboundContent } from '../messages/message-content.js';
import type { ProviderCapabilities, Recipient } from '../providers/whatsapp-provider.js';
import type { ClaimedSend, SendError } from './outbox/claimed-send.js';
import type { PathConnection } from '../connections/path-connection.js';
import { fillTemplate, isSameNumber, isWindowOpen } from './service-window.js';

/** What stands in the way of a connection. `isFinal`: waiting will not help. */
export type Obstacle = SendError & { readonly isFinal?: boolean };

/** A connection that may take the message now, and what it says there to whom. */
export type Place = {
  readonly connection: PathConnection;
  readonly to: Recipient;
  readonly content: OutboundContent;
  /** The bot's template in place of what was queued. */
  readonly isSubstitute: boolean;
};

/** What the choice depends on of a message. */
export type RoutedSend = Pick<
  ClaimedSend,
  | 'connectionId'
  | 'lane'
  | 'address'
  | 'phone'
  | 'lastInboundOn'
  | 'lastInboundAgoMs'
  | 'inboundElsewhere'
  | 'lastError'
>;

export type RouteQuestion = {
  readonly claimed: RoutedSend;
  /** What was queued, checked. */
  readonly content: OutboundContent;
  /** The bot's, in its order of preference. */
  readonly connections: readonly PathConnection[];
  /** Of the connection's provider; null when this version has no such strategy. */
  readonly capabilitiesOf: (connection: PathConnection) => ProviderCapabilities | null;
  /** Whether calls by the connection fail just now. */
  readonly isBroken: (connection: PathConnection) => boolean;
  readonly nowMs: number;
};

export type Route =
  | { readonly to: 'here'; readonly place: Place }
  | { readonly to: 'other'; readonly connection: PathConnection; readonly why: SendError }
  | { readonly to: 'nowhere'; readonly why: Obstacle };

const CAMPAIGN = 2;

/**
 * By which connection the message leaves: its own when that can, so that replies go out where the customer wrote; else the
 * first other one that can, the customer's own first, then in the bot's order. Another number speaks only where the
 * bot's owner allowed it. What nobody is waiting for is not moved away from a number its provider restricted: it would
 * soon restrict the sibling too.
 */
export function chooseRoute(question: RouteQuestion, own: PathConnection): Route {
  const here = placeOn(own, question);
  if (!('code' in here)) return { to: 'here', place: here };
  const other = here.code === 'restricted' ? null : findOther(question, own);
  return other ? { to: 'other', connection: other, why: here } : { to: 'nowhere', why: here };
}

/** The connection to turn to when `own` refused the message; null when there is none, or the message may not move. */
export function findOther(question: RouteQuestion, own: PathConnection): PathConnection | null {
  const { claimed, connections, nowMs } = question;
  if (isRestricted(own, nowMs) && isCold(own, question)) return null;
  const others = connections.filter(
    (connection) => connection.connectionId !== own.connectionId && mayStandIn(connection, own),
  );
  const byCustomer = others.toSorted((a, b) => Number(wroteTo(b, claimed)) - Number(wroteTo(a, claimed)));
  return byCustomer.find((connection) => !('code' in placeOn(connection, question))) ?? null;
}

function mayStandIn(connection: PathConnection, own: PathConnection): boolean {
  return own.bot.failover === 'any_number' || isSameNumber(connection, own);
}

function wroteTo({ connectionId }: PathConnection, { lastInboundOn }: RoutedSend): boolean {
  return connectionId === lastInboundOn;
}

function placeOn(connection: PathConnection, question: RouteQuestion): Place | Obstacle {
  const capabilities = question.capabilitiesOf(connection);
  if (!capabilities) return unknownProvider(connection);
  const obstacle = obstacleOf(connection, question);
  if (obstacle) return obstacle;
  const to = recipientOn(connection, question);
  if (!to) return stop('no_address', 'recipient', 'this connection cannot address the customer');
  const { content } = question;
  if (content.kind === 'reaction' && !capabilities.canReact) {
    return stop('reaction_unsupported', 'permanent', 'the connection cannot react');
  }
  if (content.kind === 'template') {
    if (!capabilities.canSendTemplates)
      return stop('template_unsupported', 'permanent', 'the connection sends no templates');
    return { connection, to, content, isSubstitute: false };
  }
  if (!isTooLate(connection, capabilities, question)) return { connection, to, content, isSubstitute: false };
  const template = connection.bot.windowTemplate;
  if (!template || !capabilities.canSendTemplates || content.kind === 'reaction') {
    return stop('window_closed', 'template', 'the customer wrote to this number more than 24 hours ago, or never');
  }
  return { connection, to, content: fillTemplate(template, content), isSubstitute: true };
}

function obstacleOf(connection: PathConnection, question: RouteQuestion): Obstacle | null {
  if (connection.isPaused) return held('connection_paused', 'the connection is paused');
  if (connection.health === 'auth_lost') return held('auth_lost', 'the connection is not authorised');
  if (!connection.account) return held('credentials_unreadable', 'the credentials cannot be opened');
  if (connection.isOffline) return held('not_linked', 'the linked device is not connected');
  if (connection.health === 'degraded' || question.isBroken(connection))
    return held('line_down', 'calls by this connection fail');
  if (isRestricted(connection, question.nowMs) && isCold(connection, question)) {
    return held('restricted', 'the provider restricted this number');
  }
  return null;
}

function isTooLate(
  connection: PathConnection,
  { hasServiceWindow }: ProviderCapabilities,
  question: RouteQuestion,
): boolean {
  const { claimed, connections, nowMs } = question;
  if (!hasServiceWindow) return false;
  const isRefused = claimed.lastError === 'window_closed' && claimed.connectionId === connection.connectionId;
  return isRefused || !isWindowOpen(connection, connections, claimed, nowMs);
}

function isRestricted({ restrictedUntil }: PathConnection, nowMs: number): boolean {
  return restrictedUntil !== null && restrictedUntil.getTime() > nowMs;
}

/** Nobody waits for it: a campaign, or words to somebody who did not write lately. */
function isCold(connection: PathConnection, { claimed, connections, nowMs }: RouteQuestion): boolean {
  return claimed.lane === CAMPAIGN || !isWindowOpen(connection, connections, claimed, nowMs);
}

/** An address is one provider's own; another one knows the customer by the number only. */
function recipientOn(connection: PathConnection, { claimed, connections }: RouteQuestion): Recipient | null {
  const { address, phone, lastInboundOn } = claimed;
  const lastInbound = connections.find(({ connectionId }) => connectionId === lastInboundOn);
  if (!lastInbound || lastInbound.provider === connection.provider) return { address, phone };
  if (phone) return { address: phone.replace(/\D/g, ''), phone };
  return /^[1-9]\d{5,14}$/.test(address) ? { address, phone: null } : null;
}

function unknownProvider({ provider }: PathConnection): Obstacle {
  return stop('unknown_provider', 'permanent', `no provider is named "${provider}"`);
}

function held(code: string, reason: string): Obstacle {
  return { code, class: 'held', reason };
}

function stop(code: string, kind: string, reason: string): Obstacle {
  return { code, class: kind, reason, isFinal: true };
}
