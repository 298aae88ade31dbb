import type { OutboundContent } from '../messages/message-content.js';
import type { ProviderCapabilities, Recipient } from '../providers/whatsapp-provider.js';
import type { ClaimedSend, SendError } from './outbox/claimed-send.js';
import type { Line } from '../connections/path-connection.js';
import { fillTemplate, isSameNumber, isWindowOpen } from './service-window.js';

/** What stands in the way of a line. `isFinal`: waiting will not help. */
export type Obstacle = SendError & { readonly isFinal?: boolean };

/** A line that may take the message now, and what it says there to whom. */
export type Place = {
  readonly line: Line;
  readonly to: Recipient;
  readonly content: OutboundContent;
  /** The bot's template in place of what was queued. */
  readonly isSubstitute: boolean;
};

/** What the choice depends on of a message. */
export type RoutedSend = Pick<
  ClaimedSend,
  'connectionId' | 'lane' | 'address' | 'phone' | 'heardOn' | 'heardAgoMs' | 'heardBefore' | 'lastError'
>;

export type RouteQuestion = {
  readonly claimed: RoutedSend;
  /** What was queued, checked. */
  readonly content: OutboundContent;
  /** The bot's, in its order of preference. */
  readonly lines: readonly Line[];
  /** Of the line's provider; null when this version has no such strategy. */
  readonly capabilitiesOf: (line: Line) => ProviderCapabilities | null;
  /** Whether calls by the line fail just now. */
  readonly isBroken: (line: Line) => boolean;
  readonly nowMs: number;
};

export type Route =
  | { readonly to: 'here'; readonly place: Place }
  | { readonly to: 'other'; readonly line: Line; readonly why: SendError }
  | { readonly to: 'nowhere'; readonly why: Obstacle };

const CAMPAIGN = 2;

/**
 * By which line the message leaves: its own when that can, so that replies go out where the customer wrote; else the
 * first other one that can, the customer's own first, then in the bot's order. Another number speaks only where the
 * bot's owner allowed it. What nobody is waiting for is not moved away from a number its provider restricted: it would
 * soon restrict the sibling too.
 */
export function chooseRoute(question: RouteQuestion, own: Line): Route {
  const here = placeOn(own, question);
  if (!('code' in here)) return { to: 'here', place: here };
  const other = here.code === 'restricted' ? null : findOther(question, own);
  return other ? { to: 'other', line: other, why: here } : { to: 'nowhere', why: here };
}

/** The line to turn to when `own` refused the message; null when there is none, or the message may not move. */
export function findOther(question: RouteQuestion, own: Line): Line | null {
  const { claimed, lines, nowMs } = question;
  if (isRestricted(own, nowMs) && isCold(own, question)) return null;
  const others = lines.filter((line) => line.connectionId !== own.connectionId && mayStandIn(line, own));
  const byCustomer = others.toSorted((a, b) => Number(isHeard(b, claimed)) - Number(isHeard(a, claimed)));
  return byCustomer.find((line) => !('code' in placeOn(line, question))) ?? null;
}

function mayStandIn(line: Line, own: Line): boolean {
  return own.bot.failover === 'any_number' || isSameNumber(line, own);
}

function isHeard({ connectionId }: Line, { heardOn }: RoutedSend): boolean {
  return connectionId === heardOn;
}

function placeOn(line: Line, question: RouteQuestion): Place | Obstacle {
  const capabilities = question.capabilitiesOf(line);
  if (!capabilities) return unknownProvider(line);
  const obstacle = obstacleOf(line, question);
  if (obstacle) return obstacle;
  const to = recipientOn(line, question);
  if (!to) return stop('no_address', 'recipient', 'this line cannot address the customer');
  const { content } = question;
  if (content.kind === 'reaction' && !capabilities.canReact) {
    return stop('reaction_unsupported', 'permanent', 'the line cannot react');
  }
  if (content.kind === 'template') {
    if (!capabilities.canSendTemplates) return stop('template_unsupported', 'permanent', 'the line sends no templates');
    return { line, to, content, isSubstitute: false };
  }
  if (!isTooLate(line, capabilities, question)) return { line, to, content, isSubstitute: false };
  const template = line.bot.windowTemplate;
  if (!template || !capabilities.canSendTemplates || content.kind === 'reaction') {
    return stop('window_closed', 'template', 'the customer wrote to this number more than 24 hours ago, or never');
  }
  return { line, to, content: fillTemplate(template, content), isSubstitute: true };
}

function obstacleOf(line: Line, question: RouteQuestion): Obstacle | null {
  if (line.isPaused) return held('connection_paused', 'the line is paused');
  if (line.health === 'auth_lost') return held('auth_lost', 'the line is not authorised');
  if (!line.account) return held('credentials_unreadable', 'the credentials cannot be opened');
  if (line.isOffline) return held('not_linked', 'the linked device is not connected');
  if (line.health === 'degraded' || question.isBroken(line)) return held('line_down', 'calls by this line fail');
  if (isRestricted(line, question.nowMs) && isCold(line, question)) {
    return held('restricted', 'the provider restricted this number');
  }
  return null;
}

function isTooLate(line: Line, { hasServiceWindow }: ProviderCapabilities, question: RouteQuestion): boolean {
  const { claimed, lines, nowMs } = question;
  if (!hasServiceWindow) return false;
  const isRefused = claimed.lastError === 'window_closed' && claimed.connectionId === line.connectionId;
  return isRefused || !isWindowOpen(line, lines, claimed, nowMs);
}

function isRestricted({ restrictedUntil }: Line, nowMs: number): boolean {
  return restrictedUntil !== null && restrictedUntil.getTime() > nowMs;
}

/** Nobody waits for it: a campaign, or words to somebody who did not write lately. */
function isCold(line: Line, { claimed, lines, nowMs }: RouteQuestion): boolean {
  return claimed.lane === CAMPAIGN || !isWindowOpen(line, lines, claimed, nowMs);
}

/** An address is one provider's own; another one knows the customer by the number only. */
function recipientOn(line: Line, { claimed, lines }: RouteQuestion): Recipient | null {
  const { address, phone, heardOn } = claimed;
  const heard = lines.find(({ connectionId }) => connectionId === heardOn);
  if (!heard || heard.provider === line.provider) return { address, phone };
  if (phone) return { address: phone.replace(/\D/g, ''), phone };
  return /^[1-9]\d{5,14}$/.test(address) ? { address, phone: null } : null;
}

function unknownProvider({ provider }: Line): Obstacle {
  return stop('unknown_provider', 'permanent', `no provider is named "${provider}"`);
}

function held(code: string, reason: string): Obstacle {
  return { code, class: 'held', reason };
}

function stop(code: string, kind: string, reason: string): Obstacle {
  return { code, class: kind, reason, isFinal: true };
}
