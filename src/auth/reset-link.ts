import { randomUUID } from 'node:crypto';
import type { Env } from '../platform/config/env.js';
import type { OwnerDatabase } from '../platform/database/owner-database.js';
import { Mailer } from '../platform/mail/mailer.js';
import { asTenantId } from '../platform/tenancy/tenant-id.js';
import { OneTimeLinks } from './one-time-links.js';
import { hashOf, makeSecret } from './tenant-secret.js';

const LIFE_MS = 3_600_000;

/**
 * The way back for whoever runs the server and can ask nobody: an only owner who forgot the password, without SMTP. Like
 * every such link it works once, and choosing a password by it ends every session.
 *
 * @returns null when no active user has this e-mail
 */
export async function makeResetLink(
  db: OwnerDatabase,
  env: Env,
  email: string,
): Promise<{ readonly link: string; readonly token: string; readonly expiresAt: Date } | null> {
  const expiresAt = new Date(Date.now() + LIFE_MS);
  const token = await db.transaction(async (client) => {
    const { rows } = await client.query<{ id: string; tenant_id: string }>(
      'select id, tenant_id from app_user where email = lower($1) and is_active',
      [email],
    );
    const [user] = rows;
    if (!user) return null;
    const secret = makeSecret('dpr', asTenantId(user.tenant_id));
    await client.query(
      'insert into password_reset (id, tenant_id, user_id, token_hash, expires_at) values ($1, $2, $3, $4, $5)',
      [randomUUID(), user.tenant_id, user.id, hashOf(secret), expiresAt],
    );
    return secret;
  });
  if (token === null) return null;
  return { link: new OneTimeLinks(env, new Mailer(env)).linkOf('password-reset', token), token, expiresAt };
}
