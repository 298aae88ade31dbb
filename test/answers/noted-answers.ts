import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';

/**
 * Notes each kind of answer once, as `GET /api/bots/{id} 404 bot_not_found`, without a code where there is none, in the
 * folder ANSWERS_DIR. It is set while the whole suite runs; `compare-answers.ts` comes afterwards.
 */
export function noteAnswers(fastify: FastifyInstance): void {
  const folder = process.env['ANSWERS_DIR'];
  if (folder === undefined) return;
  const seen = new Set<string>();
  fastify.addHook('onSend', (request, reply, payload, done) => {
    const path = request.routeOptions.url?.replaceAll(/:(\w+)/g, '{$1}');
    if (path !== undefined) {
      const isProblem = String(reply.getHeader('content-type')).startsWith('application/problem+json');
      const code = isProblem && typeof payload === 'string' ? codeIn(payload) : '';
      seen.add(`${request.method} ${path} ${reply.statusCode} ${code}`.trimEnd());
    }
    done(null, payload);
  });
  fastify.addHook('onClose', (_, done) => {
    if (seen.size > 0) appendFileSync(join(folder, `${process.pid}.txt`), `${[...seen].join('\n')}\n`);
    done();
  });
}

function codeIn(problem: string): string {
  const parsed: { code?: string } = JSON.parse(problem);
  return parsed.code ?? '';
}
