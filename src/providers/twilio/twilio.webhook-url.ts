/** Query parameter by which our id comes back with every status; Twilio keeps it (reference 1.3). */
const OUTBOX_PARAMETER = 'outbox';

const PATH = '/webhooks/twilio';

/** Where Twilio is to post about one message. */
export function statusCallbackUrl(publicUrl: string, connectionId: string, outboxId: string): string {
  const url = new URL(publicUrl.replace(/\/+$/, '') + `${PATH}/${encodeURIComponent(connectionId)}`);
  url.searchParams.set(OUTBOX_PARAMETER, outboxId);
  return url.href;
}

/**
 * The addresses Twilio may have signed for this request. With a public URL there is one; without, the host it asked for
 * by either scheme, because a tunnel ends TLS before us. A guess too many proves nothing: each still needs the token.
 *
 * @param originalUrl path and query as they were asked for
 */
export function calledUrls(publicUrl: string | undefined, host: string | undefined, originalUrl: string): string[] {
  if (publicUrl) return [publicUrl.replace(/\/+$/, '') + originalUrl];
  return host ? [`https://${host}${originalUrl}`, `http://${host}${originalUrl}`] : [];
}

/** Our id in the query of a status; null for a status of a message that we gave no address for. */
export function outboxIdOf(originalUrl: string): string | null {
  return new URL(originalUrl, 'http://localhost').searchParams.get(OUTBOX_PARAMETER);
}
