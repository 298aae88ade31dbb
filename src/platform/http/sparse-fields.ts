import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ApiQuery } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import type { z } from 'zod';
import { InvalidInputError } from '../errors/app-error.js';

const SPARSE_KEY = Symbol('sparse-fields');

/** Lets the caller name the members it wants: `?fields=id,name`, of the thing or of each thing in the list. */
export function SparseFields(view: z.ZodObject): MethodDecorator {
  const names = Object.keys(view.shape);
  return applyDecorators(
    SetMetadata(SPARSE_KEY, names),
    ApiQuery({
      name: 'fields',
      required: false,
      description: `Only these members, separated by commas: ${names.join(', ')}`,
      schema: {
        type: 'string',
        pattern: `^(${names.join('|')})(,(${names.join('|')}))*$`,
        example: names.slice(0, 2).join(','),
      },
    }),
  );
}

type Request = FastifyRequest & { query: Record<string, unknown> };

/** Takes `fields` off the query before the schemas see it, and the other members off the answer. */
export class SparseFieldsInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  /** @throws InvalidInputError a name that is no member of the answer */
  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const names = this.reflector.get<readonly string[] | undefined>(SPARSE_KEY, context.getHandler());
    const { query } = context.switchToHttp().getRequest<Request>();
    if (!names || query['fields'] === undefined) return next.handle();
    const wanted = readFields(query['fields'], names);
    delete query['fields'];
    return next.handle().pipe(map((body) => cut(body, wanted)));
  }
}

function readFields(given: unknown, names: readonly string[]): ReadonlySet<string> {
  const wanted = typeof given === 'string' ? given.split(',').map((name) => name.trim()) : [''];
  const strange = wanted.find((name) => !names.includes(name));
  if (strange !== undefined)
    throw new InvalidInputError([{ field: 'fields', message: `Names of: ${names.join(', ')}; separated by commas` }]);
  return new Set(wanted);
}

function cut(body: unknown, wanted: ReadonlySet<string>): unknown {
  if (!isRecord(body)) return body;
  if (Array.isArray(body['items'])) return { ...body, items: body['items'].map((item) => cut(item, wanted)) };
  return Object.fromEntries(Object.entries(body).filter(([name]) => wanted.has(name)));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
