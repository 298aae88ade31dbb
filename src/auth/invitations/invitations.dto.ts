import { z } from 'zod';
import { sortSchema } from '../../platform/http/sorted-page.js';
import { pageQuerySchema, pageSchema } from '../../platform/http/page.js';
import { email, emailSchema } from '../auth.dto.js';
import { linkTokenSchema, oneTimeLinkSchema, passwordSchema } from '../passwords.dto.js';
import { ROLES } from '../permissions.js';
import type { Invitation } from './invitation.entity.js';

const name = z.string().trim().min(1).max(120);

export const listInvitationsSchema = pageQuerySchema.extend({
  sort: sortSchema(['createdAt', 'email', 'expiresAt'], '-createdAt'),
});
export type ListInvitations = z.output<typeof listInvitationsSchema>;

export const inviteSchema = z
  .strictObject({ email: emailSchema, name, role: z.enum(ROLES), expiresInHours: z.int().min(1).max(720).default(72) })
  .meta({ id: 'Invite', examples: [{ email: 'lucia@example.com', name: 'Lucía Ramos', role: 'seller' }] });
export type Invite = z.output<typeof inviteSchema>;

const EXAMPLE = {
  id: '3c7f4ac7-b53a-4085-974c-2bbc7e710d57',
  email: 'lucia@example.com',
  name: 'Lucía Ramos',
  role: 'seller',
  state: 'open',
  invitedBy: '5e6f7a8b-9c0d-4e1f-8a2b-3c4d5e6f7a8b',
  expiresAt: '2026-03-05T15:04:05.000Z',
  createdAt: '2026-03-02T15:04:05.000Z',
};

export const invitationViewSchema = z
  .object({
    id: z.uuid(),
    email,
    name: z.string(),
    role: z.enum(ROLES),
    state: z.enum(['open', 'accepted', 'revoked', 'expired']),
    invitedBy: z.uuid(),
    expiresAt: z.iso.datetime(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Invitation', example: EXAMPLE });
export type InvitationView = z.output<typeof invitationViewSchema>;
export const invitationPageSchema = pageSchema(invitationViewSchema).meta({ id: 'InvitationPage' });

const EXAMPLE_TOKEN = 'din_3c7f4ac7b53a4085974c2bbc7e710d57_Y18AjbL9txTr0svLi9nTwaQm1jVOT4FZJ6PgYK6iepU';
export const newInvitationSchema = invitationViewSchema.extend(oneTimeLinkSchema.shape).meta({
  id: 'NewInvitation',
  example: { ...EXAMPLE, link: `https://shop.example.com/invitation#${EXAMPLE_TOKEN}`, isMailed: false },
});
export type NewInvitation = z.output<typeof newInvitationSchema>;

export const lookAtInvitationSchema = z
  .strictObject({ token: linkTokenSchema })
  .meta({ id: 'LookAtInvitation', examples: [{ token: EXAMPLE_TOKEN }] });
export const invitedSchema = z
  .object({ email, name: z.string(), role: z.enum(ROLES), tenantName: z.string(), locale: z.string() })
  .meta({
    id: 'Invited',
    example: {
      email: 'lucia@example.com',
      name: 'Lucía Ramos',
      role: 'seller',
      tenantName: 'Café Aurora',
      locale: 'es',
    },
  });
export type Invited = z.output<typeof invitedSchema>;

export const acceptInvitationSchema = z
  .strictObject({ token: linkTokenSchema, password: passwordSchema, name: name.optional() })
  .meta({ id: 'AcceptInvitation', examples: [{ token: EXAMPLE_TOKEN, password: 'una frase larga' }] });
export type AcceptInvitation = z.output<typeof acceptInvitationSchema>;

export function toInvitationView(invitation: Invitation, now: Date): InvitationView {
  return {
    id: invitation.id,
    email: invitation.email,
    name: invitation.name,
    role: invitation.role,
    state: stateOf(invitation, now),
    invitedBy: invitation.invitedBy,
    expiresAt: invitation.expiresAt.toISOString(),
    createdAt: invitation.createdAt.toISOString(),
  };
}

export function stateOf({ acceptedAt, revokedAt, expiresAt }: Invitation, now: Date): InvitationView['state'] {
  if (acceptedAt !== null) return 'accepted';
  if (revokedAt !== null) return 'revoked';
  return expiresAt > now ? 'open' : 'expired';
}
