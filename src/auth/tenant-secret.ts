import { createHash, randomBytes } from 'node:crypto';
import { asTenantId, type TenantId } from '../platform/tenancy/tenant-id.js';

/** A refresh token, an API key, the session in a cookie, an invitation, a password reset. */
export type SecretKind = 'drt' | 'dok' | 'dcs' | 'din' | 'dpr';

/** `<kind>_<tenant>_<256 random bits>`: the tenant is in it, because its row can only be read inside its tenant. */
const FORMAT =
  /^(drt|dok|dcs|din|dpr)_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

export function makeSecret(kind: SecretKind, tenantId: TenantId): string {
  return `${kind}_${tenantId.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`;
}

/** The tenant a secret claims to be of, or null when it is not of this kind at all. */
export function tenantOf(kind: SecretKind, secret: string): TenantId | null {
  const match = FORMAT.exec(secret);
  return match?.[1] === kind ? asTenantId(match.slice(2).join('-')) : null;
}

/** SHA-256 of the whole secret, which is too random to be guessed from it: all that is stored. */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
