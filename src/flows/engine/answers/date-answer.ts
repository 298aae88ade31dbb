import * as en from 'chrono-node/en';
import * as es from 'chrono-node/es';
import * as pt from 'chrono-node/pt';
import { foldAnswer } from '../expressions/fold.js';
import { localDateTime, zoneOffsetMinutes } from '../expressions/formats.js';

/** When and where it was said. */
export type SaidAt = { readonly nowMs: number; readonly timeZone: string; readonly locale: string };

const DAY_MS = 86_400_000;
/** chrono is patterns upon patterns: it gets no more than a sentence. */
const MAX_LENGTH = 80;

/** chrono reads "pasado mañana" as tomorrow, so these are looked for first. */
const DAYS_AHEAD: readonly (readonly [RegExp, number])[] = [
  [/\b(pasado manana|day after tomorrow|depois de amanha)\b/, 2],
  [/\b(anteayer|antier|anteontem|day before yesterday)\b/, -2],
  [/^(hoy|today|hoje)$/, 0],
  [/^(manana|tomorrow|amanha)$/, 1],
  [/^(ayer|yesterday|ontem)$/, -1],
];

/** YYYY-MM-DD in the time zone, or null. A weekday or a day without a year is the next one. */
export function readDate(text: string, at: SaidAt): string | null {
  const typed = text.trim().slice(0, MAX_LENGTH);
  if (/^\d{4}-\d{2}-\d{2}$/.test(typed)) return isCalendarDay(typed) ? typed : null;
  const folded = foldAnswer(typed);
  const relative = DAYS_AHEAD.find(([words]) => words.test(folded));
  if (relative) {
    const today = Date.parse(localDateTime(at.nowMs, at.timeZone).date);
    return new Date(today + relative[1] * DAY_MS).toISOString().slice(0, 10);
  }
  const start = parse(typed, at);
  if (!start || !(start.isCertain('day') || start.isCertain('weekday'))) return null;
  const [year, month, day] = (['year', 'month', 'day'] as const).map((part) => start.get(part) ?? 0);
  const date = `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
  return isCalendarDay(date) ? date : null;
}

function isCalendarDay(date: string): boolean {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}

const NAMED_TIMES: readonly (readonly [RegExp, string])[] = [
  [/^(?:al? )?(?:mediodia|noon|meio[- ]dia)$/, '12:00'],
  [/^(?:a )?(?:medianoche|midnight|meia[- ]noite)$/, '00:00'],
];
const CLOCK =
  /^(?:a las?|las?|as|at)?\s?(\d{1,2})\s?(?:[:h.]\s?(\d{2}))?\s?(y media|e meia|y cuarto)?\s?(a\.? ?m|p\.? ?m|h|hs|hrs|horas|(?:de|da|in) ?(?:la|the)? ?(?:tarde|noche|noite|manana|manha|morning|afternoon|evening))?$/;

/** HH:MM, or null. */
export function readTime(text: string, at: SaidAt): string | null {
  const typed = text.trim().slice(0, MAX_LENGTH);
  const folded = foldAnswer(typed);
  const named = NAMED_TIMES.find(([words]) => words.test(folded));
  if (named) return named[1];
  const [found, hours, minutes = '0', fraction = '', half = ''] = CLOCK.exec(folded) ?? [];
  if (found !== undefined) return clockTime(Number(hours), Number(minutes), fraction, half);
  const start = parse(typed, at);
  if (!start?.isCertain('hour')) return null;
  return `${pad(start.get('hour') ?? 0)}:${pad(start.get('minute') ?? 0)}`;
}

function clockTime(hours: number, minutes: number, fraction: string, half: string): string | null {
  const isAfternoon = /^p|tarde|noche|noite|afternoon|evening/.test(half);
  const isMorning = /^a|manana|manha|morning/.test(half);
  const extra = fraction === '' ? 0 : fraction.endsWith('cuarto') ? 15 : 30;
  if (hours > 23 || minutes + extra > 59 || (hours > 12 && isMorning)) return null;
  const shift = isAfternoon && hours < 12 ? 12 : isMorning && hours === 12 ? -12 : 0;
  return `${pad(hours + shift)}:${pad(minutes + extra)}`;
}

function parse(text: string, { nowMs, timeZone, locale }: SaidAt) {
  const [language] = locale.split('-');
  const british = locale !== 'en' && locale !== 'en-US';
  const parser = language === 'es' ? es.casual : language === 'pt' ? pt.casual : british ? en.GB : en.casual;
  const reference = { instant: new Date(nowMs), timezone: zoneOffsetMinutes(nowMs, timeZone) };
  return parser.parse(text, reference, { forwardDate: true })[0]?.start;
}

function pad(value: number | undefined, length = 2): string {
  return String(value ?? 0).padStart(length, '0');
}
