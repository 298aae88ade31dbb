/** Business-scoped user id: country, dot, up to 128 letters and digits; parent form `CC.ENT.…` (reference 1.4). */
const BSUID = /^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/;

export function isBsuid(value: string): boolean {
  return BSUID.test(value);
}

/** A `wa_id` or dialled number as E.164; null when it cannot be one. */
export function toE164(value: string): string | null {
  if (!/^\+?[\d\s().-]+$/.test(value)) return null;
  const digits = value.replace(/\D/g, '');
  return /^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : null;
}
