import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Proof that Meta sent exactly these bytes: HMAC-SHA256 with the app secret (reference 2.4). Meta signs the body as
 * sent, with non-ASCII as \uXXXX, so only the raw bytes will do.
 *
 * @param header `X-Hub-Signature-256`, `sha256=` and 64 lower-case hex digits
 */
export function isSignedByMeta(rawBody: Uint8Array, header: string | undefined, appSecret: string): boolean {
  const hex = /^sha256=([0-9a-f]{64})$/.exec(header ?? '')?.[1];
  if (!hex) return false;
  return timingSafeEqual(Buffer.from(hex, 'hex'), createHmac('sha256', appSecret).update(rawBody).digest());
}

/**
 * Answers `GET ?hub.mode=subscribe&hub.challenge=…&hub.verify_token=…`: the challenge to send back as plain text, or
 * null when the token is none of ours.
 */
export function answerHandshake(
  query: Readonly<Record<string, unknown>>,
  verifyTokens: Iterable<string>,
): string | null {
  const { 'hub.mode': mode, 'hub.challenge': challenge, 'hub.verify_token': token } = query;
  if (mode !== 'subscribe' || typeof token !== 'string' || typeof challenge !== 'string') return null;
  const asked = digest(token);
  let isOurs = false;
  for (const ours of verifyTokens) if (timingSafeEqual(asked, digest(ours))) isOurs = true;
  return isOurs ? challenge : null;
}

/** Equal lengths, so that the comparison says nothing about the length of the token. */
function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}
