import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/**
 * A token is made once per event and lives ten minutes, while retries of that event go on for about twenty (reference
 * 4.4); a refused one is never sent again.
 */
const RETRY_LEEWAY_S = 30 * 60;

export type ProofHeaders = Readonly<Record<string, string | string[] | undefined>>;

const claimsSchema = z.object({ exp: z.number(), app: z.literal('evolution'), action: z.literal('webhook') });
const headerSchema = z.object({ alg: z.literal('HS256') });

/**
 * Evolution signs no bodies. What it can prove is that it knows the connection's secret: by a header of our choice
 * (`x-webhook-secret`, or `authorization: Bearer <secret>`), or by a token signed with it (header `jwt_key`).
 */
export function isProvedByEvolution(headers: ProofHeaders, secret: string, now: Date): boolean {
  const own = headers['x-webhook-secret'];
  if (typeof own === 'string' && isSame(own, secret)) return true;
  const bearer = /^Bearer (\S+)$/i.exec(String(headers['authorization'] ?? ''))?.[1];
  return bearer !== undefined && (isSame(bearer, secret) || isEvolutionToken(bearer, secret, now));
}

/** A JWT of Evolution's, HS256 with `{iat, exp, app: "evolution", action: "webhook"}`, at most half an hour past `exp`. */
export function isEvolutionToken(token: string, secret: string, now: Date): boolean {
  const [, signed = '', head = '', body = '', signature = ''] = /^(([\w-]+)\.([\w-]+))\.([\w-]+)$/.exec(token) ?? [];
  const expected = createHmac('sha256', secret).update(signed).digest('base64url');
  if (!signed || !isSame(signature, expected)) return false;
  if (!headerSchema.safeParse(decode(head)).success) return false;
  const claims = claimsSchema.safeParse(decode(body)).data;
  return claims !== undefined && now.getTime() / 1000 <= claims.exp + RETRY_LEEWAY_S;
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined; // no claims: not a token
  }
}

/** By digests, so that the comparison says nothing about the length of the secret either. */
function isSame(given: string, secret: string): boolean {
  return timingSafeEqual(digest(given), digest(secret));
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}
