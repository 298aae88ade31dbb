import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
/** A page whose name was made to mean this machine comes from loopback too, under its own name. */
const OWN_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
const SPOKEN_FOR = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];

/** Who may see how this installation does: the bearer of the token when one is set, else a caller on this machine. */
export function isInsider({ headers, ip }: FastifyRequest, metricsToken: string | undefined): boolean {
  if (!metricsToken)
    return (
      LOOPBACK.has(ip) && OWN_HOST.test(headers.host ?? '') && SPOKEN_FOR.every((name) => headers[name] === undefined)
    );
  const given = Buffer.from(headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${metricsToken}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
