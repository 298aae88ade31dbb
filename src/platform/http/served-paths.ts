import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProcessRole } from '../config/env.js';
import { AppError } from '../errors/app-error.js';
import { toProblem } from './problem.filter.js';

const PROBES = 'health|metrics';
const SERVED: Record<Exclude<ProcessRole, 'all'>, RegExp> = {
  api: new RegExp(`^/(api|media|${PROBES})(/|$)`),
  adapter: new RegExp(`^/(webhooks|media|send|qr|status|${PROBES})(/|$)`),
  orchestrator: new RegExp(`^/(message|${PROBES})(/|$)`),
  analytics: new RegExp(`^/(api/analytics|${PROBES})(/|$)`),
};

/** A role answers the routes of its work and no others, so that a routing mistake in front of it shows at once. */
export function servedPaths(role: ProcessRole): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
  if (role === 'all') return async () => undefined;
  const served = SERVED[role];
  return async (request, reply) => {
    if (served.test(request.url.split('?')[0] ?? '')) return undefined;
    const error = new AppError(
      'not_served_here',
      404,
      `This process has the role ${role} and does not serve this path`,
    );
    return reply.status(404).header('content-type', 'application/problem+json').send(toProblem(error, request.id));
  };
}
