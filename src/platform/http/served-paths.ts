import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors/app-error.js';
import { toProblem } from './problem.filter.js';

export type Routes = {
  readonly role: string;
  /** First parts of the paths a process of this role answers, without the leading slash; null: all. */
  readonly served: readonly string[] | null;
  /** Patterns of the paths that have no `/api` in front. */
  readonly bare: readonly string[];
};

/** A role answers the routes of its work and no others, so that a routing mistake in front of it shows at once. */
export function servedPaths({
  role,
  served,
}: Pick<Routes, 'role' | 'served'>): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
  if (!served) return async () => undefined;
  return async (request, reply) => {
    const path = (request.url.split('?')[0] ?? '').slice(1);
    if (served.some((start) => path === start || path.startsWith(`${start}/`))) return undefined;
    const error = new AppError(
      'not_served_here',
      404,
      `This process has the role ${role} and does not serve this path`,
    );
    return reply.status(404).header('content-type', 'application/problem+json').send(toProblem(error, request.id));
  };
}
