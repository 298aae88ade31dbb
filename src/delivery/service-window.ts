import type { OutboundContent } from '../messages/message-content.js';
import type { ClaimedSend } from './outbox/claimed-send.js';
import type { Line, WindowTemplate } from '../connections/path-connection.js';

/** 24 hours from the customer's last message to that number (provider reference 2.5). */
const WINDOW_MS = 24 * 3_600_000;
/** A template parameter (reference 2.5). */
const MAX_PARAM = 1024;

export type Heard = Pick<ClaimedSend, 'heardOn' | 'heardAgoMs' | 'heardBefore'>;

/**
 * Whether the customer wrote to the line's number in the last 24 hours. The window belongs to the number and the
 * customer, so lines that share a number share it.
 */
export function isWindowOpen(line: Line, lines: readonly Line[], heard: Heard, nowMs: number): boolean {
  return lines
    .filter((one) => isSameNumber(one, line))
    .some(({ connectionId }) => heardAgoMs(connectionId, heard, nowMs) < WINDOW_MS);
}

export function isSameNumber(a: Line, b: Line): boolean {
  return a.connectionId === b.connectionId || (a.number !== null && a.number === b.number);
}

function heardAgoMs(connectionId: string, { heardOn, heardAgoMs: agoMs, heardBefore }: Heard, nowMs: number): number {
  const last = heardOn === connectionId ? (agoMs ?? Infinity) : Infinity;
  const before = heardBefore?.[connectionId];
  return Math.min(last, before === undefined ? Infinity : nowMs - Date.parse(before));
}

/** The bot's template, with what it wanted to say where the owner asked for it. A parameter takes no line breaks. */
export function fillTemplate({ name, language, params }: WindowTemplate, said: OutboundContent): OutboundContent {
  const text = ('text' in said ? said.text : '').replace(/\s+/g, ' ').trim();
  return {
    kind: 'template',
    name,
    language,
    params: params.map((param) => param.replaceAll('{text}', () => text).slice(0, MAX_PARAM)),
  };
}
