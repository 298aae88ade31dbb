import type { OutboundContent } from '../messages/message-content.js';
import type { ClaimedSend } from './outbox/claimed-send.js';
import type { PathConnection, WindowTemplate } from '../connections/path-connection.js';

/** 24 hours from the customer's last message to that number (provider reference 2.5). */
const WINDOW_MS = 24 * 3_600_000;
/** A template parameter (reference 2.5). */
const MAX_PARAM = 1024;

export type LastInbound = Pick<ClaimedSend, 'lastInboundOn' | 'lastInboundAgoMs' | 'inboundElsewhere'>;

/**
 * Whether the customer wrote to the connection's number in the last 24 hours. The window belongs to the number and the
 * customer, so connections that share a number share it.
 */
export function isWindowOpen(
  connection: PathConnection,
  connections: readonly PathConnection[],
  lastInbound: LastInbound,
  nowMs: number,
): boolean {
  return connections
    .filter((one) => isSameNumber(one, connection))
    .some(({ connectionId }) => lastInboundAgoMs(connectionId, lastInbound, nowMs) < WINDOW_MS);
}

export function isSameNumber(a: PathConnection, b: PathConnection): boolean {
  return a.connectionId === b.connectionId || (a.number !== null && a.number === b.number);
}

function lastInboundAgoMs(
  connectionId: string,
  { lastInboundOn, lastInboundAgoMs: agoMs, inboundElsewhere }: LastInbound,
  nowMs: number,
): number {
  const last = lastInboundOn === connectionId ? (agoMs ?? Infinity) : Infinity;
  const before = inboundElsewhere?.[connectionId];
  return Math.min(last, before === undefined ? Infinity : nowMs - Date.parse(before));
}

/** The bot's template, with what it wanted to say where the owner asked for it. A parameter takes no line breaks. */
export function fillTemplate({ params, ...template }: WindowTemplate, said: OutboundContent): OutboundContent {
  const text = ('text' in said ? said.text : '').replace(/\s+/g, ' ').trim();
  return {
    kind: 'template',
    ...template,
    params: params.map((param) => param.replaceAll('{text}', () => text).slice(0, MAX_PARAM)),
  };
}
