import { z } from 'zod';

/** Whether it is the name of an IANA time zone this Node knows. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** The name of a time zone as a caller gives it. */
export const timeZone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/, { abort: true, error: 'Not an IANA time zone' })
  .refine(isTimeZone, 'Not an IANA time zone')
  .meta({ description: 'IANA name', example: 'America/Mexico_City' });
