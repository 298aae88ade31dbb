import { decimalSeparator } from '../expressions/formats.js';

/**
 * Reads "1.234,5", "1,234.5", "$ 20" or "20 kg" the way the locale writes numbers; where a lone separator could be
 * either, the locale decides.
 *
 * @returns null when it is no number, or has more than 15 digits
 */
export function readNumber(text: string, locale: string): number | null {
  const [, sign = '', digits = ''] = /^(?:[^\d\s.,-]{0,4}\s?)([-−]?)\s?(\d[\d.,'\s]{0,30})/u.exec(text.trim()) ?? [];
  const rest = text.trim().slice(text.trim().indexOf(digits) + digits.length);
  if (digits === '' || /\d/.test(rest) || rest.length > 20) return null;
  const compact = digits.replace(/[\s']/gu, '').replace(/[.,]+$/u, '');
  if (compact.replace(/[.,]/g, '').length > 15) return null;
  const normal = normalise(compact, decimalSeparator(locale));
  if (normal === null) return null;
  return Number(normal) * (sign === '' ? 1 : -1);
}

/** With a point for decimals and nothing between thousands. */
function normalise(compact: string, decimal: string): string | null {
  const last = Math.max(compact.lastIndexOf('.'), compact.lastIndexOf(','));
  if (last === -1) return compact;
  const separator = compact.charAt(last);
  const other = separator === '.' ? ',' : '.';
  const isRepeated = compact.indexOf(separator) !== last;
  if (isRepeated && compact.includes(other)) return null;
  if (isRepeated) return grouped(compact, separator);
  if (compact.includes(other)) {
    const whole = grouped(compact.slice(0, last), other);
    return whole === null ? null : `${whole}.${compact.slice(last + 1)}`;
  }
  const looksGrouped = /^[1-9]\d{0,2}[.,]\d{3}$/.test(compact);
  if (looksGrouped && separator !== decimal) return compact.replace(separator, '');
  return compact.replace(separator, '.');
}

function grouped(text: string, separator: string): string | null {
  const groups = text.split(separator);
  const isRight = groups.every((group, index) => (index === 0 ? /^\d{1,3}$/.test(group) : /^\d{3}$/.test(group)));
  return isRight ? groups.join('') : null;
}
