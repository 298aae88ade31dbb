import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export type TwilioRequest = {
  /** Addresses it may have been called by; see `calledUrls`. */
  readonly urls: readonly string[];
  readonly rawBody: Uint8Array;
  /** `X-Twilio-Signature`, base64. */
  readonly signature: string;
  /** Of a form; null for any other body, which is proved by its hash in the URL. */
  readonly form: URLSearchParams | null;
};

/**
 * Proof that Twilio sent this: HMAC-SHA1 with the account's auth token over the URL and, for a form, its fields; a URL
 * that carries `bodySHA256` is signed alone and proves the body by its hash (reference 3.4).
 */
export function isSignedByTwilio({ urls, rawBody, signature, form }: TwilioRequest, authToken: string): boolean {
  return urls.flatMap(withAndWithoutPort).some((url) => {
    const bodyHash = /[?&]bodySHA256=([^&#]*)/.exec(url)?.[1];
    if (bodyHash === undefined && form === null) return false;
    const fields = bodyHash === undefined && form ? fieldsOf(form) : '';
    const expected = createHmac('sha1', authToken)
      .update(url + fields, 'utf8')
      .digest('base64');
    if (!isSame(expected, signature)) return false;
    return bodyHash === undefined || isSame(createHash('sha256').update(rawBody).digest('hex'), bodyHash);
  });
}

/** Names in order, each with its value; a repeated name with each of its different values, in order. */
function fieldsOf(form: URLSearchParams): string {
  return [...new Set(form.keys())]
    .toSorted(byCodeUnit)
    .flatMap((name) => [...new Set(form.getAll(name))].toSorted(byCodeUnit).map((value) => name + value))
    .join('');
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Twilio signs the port as it called it; a proxy's Host header may add or drop the default one. */
function withAndWithoutPort(url: string): string[] {
  const [, scheme, host, rest] = /^(https?):\/\/(\[[^\]]*\]|[^/:?#]*)(?::\d+)?(.*)$/is.exec(url) ?? [];
  if (scheme === undefined || host === undefined || rest === undefined) return [url];
  const port = scheme.toLowerCase() === 'https' ? 443 : 80;
  return [...new Set([url, `${scheme}://${host}${rest}`, `${scheme}://${host}:${port}${rest}`])];
}

/** Lengths are no secret: both digests have one length. */
function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
