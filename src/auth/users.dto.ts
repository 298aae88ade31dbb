import { z } from 'zod';
import { sortSchema } from '../platform/http/sorted-page.js';
import { pageQuerySchema, pageSchema } from '../platform/http/page.js';
import { email, emailSchema } from './auth.dto.js';
import { passwordSchema as password } from './passwords.dto.js';
import { ROLES } from './permissions.js';

const name = z.string().trim().min(1).max(120);

export const listUsersSchema = pageQuerySchema.extend({
  sort: sortSchema(['createdAt', 'name', 'email'], '-createdAt'),
});
export type ListUsers = z.output<typeof listUsersSchema>;

export const createUserSchema = z.strictObject({ email: emailSchema, name, password, role: z.enum(ROLES) }).meta({
  id: 'CreateUser',
  examples: [{ email: 'lucia@example.com', name: 'Lucía Ramos', password: 'a long pass phrase', role: 'manager' }],
});
export type CreateUser = z.output<typeof createUserSchema>;

export const changeUserSchema = z
  .strictObject({
    name: name.optional(),
    role: z.enum(ROLES).optional(),
    isActive: z.boolean().optional().describe('false: may not sign in any more'),
    password: password.optional().describe('Ends every sign-in of this user'),
  })
  .meta({ id: 'ChangeUser', examples: [{ role: 'seller' }] });
export type ChangeUser = z.output<typeof changeUserSchema>;

export const userViewSchema = z
  .object({
    id: z.uuid(),
    email,
    name: z.string(),
    role: z.enum(ROLES),
    isActive: z.boolean(),
    revision: z.int().describe('Send it back as If-Match: "<revision>"'),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({
    id: 'User',
    example: {
      id: '5e6f7a8b-9c0d-4e1f-8a2b-3c4d5e6f7a8b',
      email: 'lucia@example.com',
      name: 'Lucía Ramos',
      role: 'manager',
      isActive: true,
      revision: 3,
      createdAt: '2026-03-02T15:04:05.000Z',
      updatedAt: '2026-03-04T09:30:00.000Z',
    },
  });
export type UserView = z.output<typeof userViewSchema>;
export const userPageSchema = pageSchema(userViewSchema).meta({ id: 'UserPage' });
