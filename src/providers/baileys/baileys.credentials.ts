import { z } from 'zod';

/** A linked device needs no secret from the tenant: it is paired by a QR code, or by a code typed on this phone. */
export const baileysCredentialsSchema = z
  .strictObject({
    phoneNumber: z
      .e164()
      .optional()
      .describe('Number of the phone to link, for pairing by a code instead of a QR: E.164, with the leading plus'),
  })
  .meta({ id: 'BaileysCredentials' });
