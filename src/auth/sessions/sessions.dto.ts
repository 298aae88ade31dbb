import { z } from 'zod';
import { sortSchema } from '../../platform/http/sorted-page.js';
import { pageQuerySchema, pageSchema } from '../../platform/http/page.js';
import type { UserSession } from './user-session.entity.js';

export const listSessionsSchema = pageQuerySchema.extend({
  sort: sortSchema(['createdAt', 'lastUsedAt'], '-createdAt'),
});
export type ListSessions = z.output<typeof listSessionsSchema>;

export const sessionViewSchema = z
  .object({
    id: z.uuid(),
    kind: z.enum(['token', 'cookie']),
    userAgent: z.string().nullable(),
    address: z.string().nullable().describe('Where it began'),
    isCurrent: z.boolean().describe('The one that asks'),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().describe('Of kind token: when its access token was last renewed'),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'Session' });
export type SessionView = z.output<typeof sessionViewSchema>;
export const sessionPageSchema = pageSchema(sessionViewSchema).meta({ id: 'SessionPage' });

export function toSessionView(session: UserSession, currentId: string | undefined): SessionView {
  return {
    id: session.id,
    kind: session.kind,
    userAgent: session.userAgent,
    address: session.address,
    isCurrent: session.id === currentId,
    createdAt: session.createdAt.toISOString(),
    lastUsedAt: session.lastUsedAt.toISOString(),
    expiresAt: session.expiresAt.toISOString(),
  };
}
