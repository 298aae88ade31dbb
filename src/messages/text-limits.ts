/** The longest text of the vocabulary, which is also WhatsApp's own limit. In UTF-16 code units. */
export const MAX_TEXT_CHARS = 4096;

/** Ways to reach WhatsApp that take less; by the names of their strategies. */
const SHORTER: Readonly<Record<string, number>> = {
  /** Twilio's code 21617. */
  twilio: 1600,
};

/** The shortest limit, below which no line has to be asked for its own. */
export const FITS_EVERY_LINE = Math.min(...Object.values(SHORTER));

/** What one text message holds on a line of this provider. */
export function textLimitOf(provider: string): number {
  return Object.hasOwn(SHORTER, provider) ? (SHORTER[provider] ?? MAX_TEXT_CHARS) : MAX_TEXT_CHARS;
}
