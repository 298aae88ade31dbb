export type Identity = {
  /** E.164, or the digits of a wa_id. */
  readonly phone?: string | null;
  /** Meta's business-scoped user id: case matters, and nothing is stripped from it. */
  readonly bsuid?: string | null;
  /** WhatsApp's hidden id: digits, without server, agent and device. No number, and none can be derived from it. */
  readonly lid?: string | null;
};

/**
 * The identities one person goes by, for finding their contact and for nothing else: messages go to the provider's own
 * address. `tel:` is folded so that both spellings of a Mexican, Argentine or Brazilian mobile meet.
 *
 * @returns none when none is known; never an empty key
 */
export function identityKeys({ phone, bsuid, lid }: Identity): string[] {
  const digits = (phone ?? '').replaceAll(/\D/g, '');
  return [
    ...(digits ? [`tel:${foldNumber(digits)}`] : []),
    ...(bsuid ? [`bsuid:${bsuid}`] : []),
    ...(lid && /^\d{1,32}$/.test(lid) ? [`lid:${lid}`] : []),
  ];
}

/** Country quirks of WhatsApp numbers (docs of the providers, "Numbers and identifiers"). Digits in, digits out. */
function foldNumber(digits: string): string {
  // Mexico: 52 1 + 10 digits is the old spelling of 52 + 10 digits. Argentina: the same with 54 9.
  const marked = /^(?:(52)1|(54)9)(\d{10})$/.exec(digits);
  if (marked) return `${marked[1] ?? marked[2] ?? ''}${marked[3] ?? ''}`;
  // Brazil: mobiles got a 9 in front of their eight digits, which began with 6 to 9; landlines begin with 2 to 5, and
  // a mobile given out since may have any digit there, so it has no short spelling.
  const brazilian = /^(55\d{2})9([6-9]\d{7})$/.exec(digits);
  return brazilian ? `${brazilian[1] ?? ''}${brazilian[2] ?? ''}` : digits;
}
