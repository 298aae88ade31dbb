import { STATUS_CODES } from 'node:http';
import { applyDecorators, HttpCode, SetMetadata } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import {
  ApiBody,
  ApiConsumes,
  ApiExcludeEndpoint,
  ApiExtension,
  ApiOperation,
  ApiProduces,
  ApiResponse,
} from '@nestjs/swagger';
import type { z } from 'zod';
import { CACHED_KEY, type CachedRule } from '../cache/cached-rule.js';
import { PROBLEMS_KEY, type RouteProblems } from './route-problems.js';

export const CHANGES_NOTHING_KEY = 'dashoffice:changes-nothing';

type Answer = {
  /** Where the name of the status does not say enough. */
  readonly answer?: string;
  readonly view?: z.ZodType;
};

type RouteOptions = Answer & {
  /** What it does, in one line. */
  readonly summary: string;
  readonly description?: string;
  /** Of success; 200 unless said. */
  readonly status?: number;
  /** Of an answer that is not JSON, or that no view describes. */
  readonly schema?: {
    readonly type: string;
    readonly format?: string;
    readonly additionalProperties?: boolean;
    readonly example?: unknown;
  };
  readonly produces?: readonly string[];
  /** Further statuses that are no problems. */
  readonly others?: Readonly<Record<number, Answer>>;
  readonly problems?: RouteProblems;
  readonly cached?: CachedRule;
  /** For a POST that only reads: not audited. An architecture test lists them. */
  readonly changesNothing?: boolean;
  /** The body is a file in one of these types; `text/csv` comes as a stream of any size. */
  readonly takesFileAs?: readonly ('multipart/form-data' | 'text/csv')[];
  /** Of a body that may be larger than others, see body-limits.ts. */
  readonly maxBodyBytes?: number;
  /** Not in the description of the API. */
  readonly isHidden?: boolean;
};

const FILE_FORM = {
  type: 'object',
  required: ['file'],
  properties: { file: { type: 'string', format: 'binary' } },
};

/** All there is to say of a route besides its verb, who may call it, and what its parameters are. */
export function Route(route: RouteOptions): MethodDecorator {
  const { status = 200, produces, schema, others = {}, problems, cached, takesFileAs, maxBodyBytes } = route;
  const decorators: (MethodDecorator | ClassDecorator)[] = [
    HttpCode(status),
    ApiOperation({ summary: route.summary, description: route.description }),
    schema
      ? ApiResponse({ status, description: inWords(status, route), schema })
      : ApiResponse({ status, description: inWords(status, route), standardSchema: route.view }),
  ];
  for (const [other, answer] of Object.entries(others))
    decorators.push(
      ApiResponse({
        status: Number(other),
        description: inWords(Number(other), answer),
        standardSchema: answer.view,
      }),
    );
  if (produces) decorators.push(ApiProduces(...produces));
  if (problems) decorators.push(ApiExtension(PROBLEMS_KEY, problems));
  if (cached) decorators.push(SetMetadata(CACHED_KEY, cached));
  if (route.changesNothing) decorators.push(SetMetadata(CHANGES_NOTHING_KEY, true));
  if (route.isHidden) decorators.push(ApiExcludeEndpoint());
  if (takesFileAs) decorators.push(ApiConsumes(...takesFileAs), ApiBody({ schema: FILE_FORM }));
  if (takesFileAs?.includes('text/csv')) decorators.push(RouteConfig({ takesStreamOf: 'text/csv' }));
  if (maxBodyBytes) decorators.push(RouteConfig({ maxBodyBytes }));
  return applyDecorators(...decorators);
}

function inWords(status: number, { answer }: Answer): string {
  return answer ?? STATUS_CODES[status] ?? '';
}
