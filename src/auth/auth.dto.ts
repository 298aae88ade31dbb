import { z } from 'zod';
import { ROLES } from './permissions.js';

/** Zod's own, and no label of the domain ends in a hyphen or is longer than 63 (RFC 1123, 2.1). */
export const email = z.email({
  pattern:
    /^(?:[A-Za-z0-9_'+-]+\.)*[A-Za-z0-9_'+-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/,
});

/** RFC 5321: a forward path has at most 254 characters. */
export const emailSchema = z.string().trim().toLowerCase().max(254).check(email);

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
  .meta({
    id: 'TokenPair',
    example: {
      accessToken: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI1ZTZmN2E4YiJ9.4n8b2wZl0yJm1b7Qe5v3cA',
      refreshToken: 'drt_3c7f4ac7b53a4085974c2bbc7e710d57_Y18AjbL9txTr0svLi9nTwaQm1jVOT4FZJ6PgYK6iepU',
      expiresInSeconds: 900,
    },
  });
export type TokenPair = z.output<typeof tokenPairSchema>;

const tenant = z
  .object({ id: z.uuid(), name: z.string(), locale: z.string(), currency: z.string(), timezone: z.string() })
  .meta({ id: 'MeTenant' });

type MeTenant = z.output<typeof tenant>;

export function toMeTenant({ id, name, locale, currency, timezone }: MeTenant): MeTenant {
  return { id, name, locale, currency, timezone };
}
const permissions = z.array(z.string()).describe('What the caller may do, for showing and hiding; the server decides');

const EXAMPLE_USER = {
  kind: 'user',
  id: '5e6f7a8b-9c0d-4e1f-8a2b-3c4d5e6f7a8b',
  email: 'lucia@example.com',
  name: 'Lucía Ramos',
  role: 'manager',
  permissions: ['bots:read', 'orders:read', 'orders:write'],
  tenant: {
    id: '2b3c4d5e-6f70-4812-9a3b-4c5d6e7f8091',
    name: 'Café Aurora',
    locale: 'es',
    currency: 'MXN',
    timezone: 'America/Mexico_City',
  },
};
const userMeSchema = z
  .object({
    kind: z.literal('user'),
    id: z.uuid(),
    email,
    name: z.string(),
    role: z.enum(ROLES),
    permissions,
    tenant,
  })
  .meta({ id: 'MeUser', example: EXAMPLE_USER });
export type UserMeView = z.output<typeof userMeSchema>;

/** Signed in with cookies. */
export const signedInViewSchema = userMeSchema
  .extend({
    csrfToken: z.string().describe('For the header x-csrf-token of every change; the CSRF cookie holds it too'),
  })
  .meta({ id: 'SignedIn', example: { ...EXAMPLE_USER, csrfToken: 'Y18AjbL9txTr0svLi9nTwaQm1jVOT4FZJ6PgYK6iepU' } });
export type SignedInView = z.output<typeof signedInViewSchema>;

const keyMeSchema = z
  .object({
    kind: z.literal('key'),
    id: z.uuid(),
    name: z.string(),
    permissions,
    expiresAt: z.iso.datetime().nullable(),
    tenant,
  })
  .meta({ id: 'MeKey' });
export type KeyMeView = z.output<typeof keyMeSchema>;

/** Who asks: a person, or a program with an API key. */
export const meViewSchema = z
  .discriminatedUnion('kind', [userMeSchema, keyMeSchema])
  .meta({ id: 'Me', example: EXAMPLE_USER });
export type MeView = z.output<typeof meViewSchema>;
