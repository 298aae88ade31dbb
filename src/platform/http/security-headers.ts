import type { FastifyReply, FastifyRequest } from 'fastify';

/** An answer of the API is data: whatever is in it, no browser may run, frame or embed it. */
const NOTHING = "default-src 'none'; frame-ancestors 'none'";
/** Swagger UI brings scripts of its own, styles in the page and pictures in its style sheet. */
const DOCS_PAGE =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
const DOCS_PATH = /^\/api\/docs(?:[/?]|$)/;
const READING = new Set(['GET', 'HEAD']);
const YEAR_S = 365 * 24 * 60 * 60;

/** Headers of every answer that is data. HSTS only where https is served. */
export function headersOfData(publicUrl: string | undefined): Readonly<Record<string, string>> {
  return {
    'content-security-policy': NOTHING,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
    ...(publicUrl?.startsWith('https:') ? { 'strict-transport-security': `max-age=${YEAR_S}` } : {}),
  };
}

/** Headers of every answer, also of the preflights and refusals that no route sees. */
export function securityHeaders(publicUrl: string | undefined): (request: FastifyRequest, reply: FastifyReply) => void {
  const ofData = headersOfData(publicUrl);
  const { 'cache-control': noStore, ...others } = ofData;
  const ofDocs = { ...others, 'content-security-policy': DOCS_PAGE };
  return (request, reply) => {
    const isDocs = DOCS_PATH.test(request.url);
    void reply.header('x-request-id', request.id).headers(isDocs ? ofDocs : others);
    if (isDocs || reply.hasHeader('cache-control')) return;
    // What is asked for again with its ETag is worth keeping by whoever asked, and by nobody between.
    const isKept = READING.has(request.method) && reply.statusCode < 300 && reply.hasHeader('etag');
    void reply.header('cache-control', isKept ? 'private, no-cache' : noStore);
  };
}
