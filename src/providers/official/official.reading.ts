import { z } from 'zod';
import { optionalText } from '../reading/webhook-reading.js';
import { isBsuid, toE164 } from '../reading/whatsapp-address.js';
import type { OfficialPerson } from './official.webhook-types.js';

export const errorsField = z
  .array(
    z.object({
      code: z.union([z.number(), z.string()]).transform(Number).pipe(z.int()),
      title: optionalText,
      message: optionalText,
      error_data: z.object({ details: optionalText }).optional().catch(undefined),
    }),
  )
  .optional()
  .catch(undefined);
export type OfficialErrors = z.infer<typeof errorsField>;

/** `title: details`, as far as Meta gave them. */
export function titleOf(error: NonNullable<OfficialErrors>[number]): string {
  const title = error.title ?? error.message ?? `Error ${error.code}`;
  return [title, error.error_data?.details].filter(Boolean).join(': ').slice(0, 500);
}

/**
 * A person from the ids at hand. A business-scoped id wins over a phone as address, and either may stand in the field
 * of the other (reference 2.4). Null when there is neither: nobody could be answered.
 */
export function toPerson(ids: readonly (string | undefined)[]): OfficialPerson | null {
  const known = ids.filter((id): id is string => id !== undefined && id !== '');
  const bsuid = known.find(isBsuid) ?? null;
  const phone = known.map(toE164).find((number) => number !== null) ?? null;
  const address = bsuid ?? phone?.slice(1);
  return address ? { address, phone, bsuid } : null;
}
