import { z } from 'zod';

const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, - and _');
const secret = z.string().regex(/^[\x21-\x7e]{1,1024}$/, 'visible ASCII without spaces');

/** What a tenant enters to connect a number of the Cloud API. The id is Meta's id of the number, not the number. */
export const officialCredentialsSchema = z
  .strictObject({
    phoneNumberId: id.describe('Phone number id, from the WhatsApp settings of the Meta app'),
    wabaId: id.optional().describe('WhatsApp Business Account id'),
    accessToken: secret.describe('Permanent token of a system user'),
    appSecret: secret.describe('App secret: signs the webhooks'),
    verifyToken: secret.describe('Your own choice; the same as in the webhook settings of the app'),
  })
  .meta({ id: 'OfficialCredentials' });
export type OfficialCredentials = z.infer<typeof officialCredentialsSchema>;
