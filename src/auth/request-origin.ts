import type { FastifyRequest } from 'fastify';
import type { Origin } from './sessions/sessions.js';

/** Where a request comes from; X-Forwarded-For counts only from TRUSTED_PROXIES. */
export function originOf({ ip, headers }: Pick<FastifyRequest, 'ip' | 'headers'>): Origin {
  return { address: ip, userAgent: headers['user-agent'] ?? null };
}
