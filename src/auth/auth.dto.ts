import { z } from 'zod';
import { ROLES } from './permissions.js';

/** RFC 5321: a forward path has at most 254 characters. */
export const emailSchema = z.string().trim().toLowerCase().max(254).check(z.email());

export const loginSchema = z
  .strictObject({ email: emailSchema, password: z.string().min(1).max(200) })
  .meta({ id: 'Login', examples: [{ email: 'owner@example.com', password: 'correct horse battery' }] });
export type Login = z.output<typeof loginSchema>;

export const refreshTokenSchema = z.strictObject({ refreshToken: z.string().min(1).max(200) }).meta({
  id: 'RefreshToken',
  examples: [{ refreshToken: 'drt_3c7f4ac7b53a4085974c2bbc7e710d57_Y18AjbL9txTr0svLi9nTwaQm1jVOT4FZJ6PgYK6iepU' }],
});
export type RefreshTokenInput = z.output<typeof refreshTokenSchema>;

export const tokenPairSchema = z
  .object({
    accessToken: z.string().describe('JWT for Authorization: Bearer'),
    refreshToken: z.string().describe('Works once: every refresh answers with the next one'),
    expiresInSeconds: z.int().describe('Life of the access token'),
  })
  .meta({ id: 'TokenPair' });
export type TokenPair = z.output<typeof tokenPairSchema>;

const tenant = z.object({
  id: z.uuid(),
  name: z.string(),
  locale: z.string(),
  currency: z.string(),
  timezone: z.string(),
});
const permissions = z.array(z.string()).describe('What the caller may do, for showing and hiding; the server decides');

const userMeSchema = z.object({
  kind: z.literal('user'),
  id: z.uuid(),
  email: z.email(),
  name: z.string(),
  role: z.enum(ROLES),
  permissions,
  tenant,
});
export type UserMeView = z.output<typeof userMeSchema>;

/** Signed in with cookies. */
export const signedInViewSchema = userMeSchema
  .extend({
    csrfToken: z.string().describe('For the header x-csrf-token of every change; the CSRF cookie holds it too'),
  })
  .meta({ id: 'SignedIn' });
export type SignedInView = z.output<typeof signedInViewSchema>;

const keyMeSchema = z.object({
  kind: z.literal('key'),
  id: z.uuid(),
  name: z.string(),
  permissions,
  expiresAt: z.iso.datetime().nullable(),
  tenant,
});
export type KeyMeView = z.output<typeof keyMeSchema>;

/** Who asks: a person, or a program with an API key. */
export const meViewSchema = z.discriminatedUnion('kind', [userMeSchema, keyMeSchema]).meta({ id: 'Me' });
export type MeView = z.output<typeof meViewSchema>;
