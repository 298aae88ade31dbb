import { STATUS_CODES } from 'node:http';
import type { OpenAPIObject } from '@nestjs/swagger';
import { commonProblems } from './common-problems.js';
import { METHODS, type Operation } from './finish-document.js';
import { PROBLEMS_KEY, type RouteProblems } from './route-problems.js';

const PROBLEM = '#/components/schemas/Problem';

type Components = NonNullable<OpenAPIObject['components']>;
type Response = NonNullable<Components['responses']>[string];
type Known = { readonly codes: string; readonly status: number; readonly response: Response };

/**
 * Writes into the document what each route refuses with: what is common to its kind and what the route says of itself. Equal
 * answers are one entry of `components.responses`, named after their codes.
 */
export function declareProblems(document: OpenAPIObject): OpenAPIObject {
  const known = new Map<string, Known>();
  for (const [path, item] of Object.entries(document.paths))
    for (const method of METHODS) {
      const operation = item[method];
      if (operation) declare(operation, problemsOf(method, path, operation), known);
    }
  const components: Components = (document.components ??= {});
  components.schemas = { ...components.schemas, Problem: problemSchema() };
  components.responses = Object.fromEntries([...known].map(([name, { response }]) => [name, response]));
  return document;
}

function problemsOf(method: string, path: string, operation: Operation): Map<number, string[]> {
  const own: unknown = Reflect.get(operation, PROBLEMS_KEY);
  Reflect.deleteProperty(operation, PROBLEMS_KEY);
  const problems = new Map<number, string[]>();
  for (const [status, code] of commonProblems(method, path, operation)) add(problems, status, code);
  for (const [status, codes] of Object.entries((own ?? {}) as RouteProblems)) {
    if (codes.length === 0) problems.delete(Number(status));
    for (const code of codes) add(problems, Number(status), code);
  }
  return problems;
}

function add(problems: Map<number, string[]>, status: number, code: string): void {
  const codes = problems.get(status) ?? [];
  problems.set(status, [...codes.filter((other) => codeOf(other) !== codeOf(code)), code]);
}

function declare(operation: Operation, problems: Map<number, string[]>, known: Map<string, Known>): void {
  for (const [status, entries] of problems) {
    const declared = operation.responses[String(status)];
    // A route that answers this status with a document of its own, such as /health/ready.
    if (declared && 'content' in declared && declared.content) continue;
    const name = nameOf(entries, known);
    const codes = entries.toSorted().join('\n');
    const before = known.get(name);
    if (before && before.status !== status)
      throw new TypeError(`${name} is declared with ${before.status} and ${status}`);
    if (!before) known.set(name, { codes, status, response: responseOf(status, entries) });
    operation.responses[String(status)] = { $ref: `#/components/responses/${name}` };
  }
}

/** The codes in one word; the same codes with other reasons get a number behind. */
function nameOf(entries: readonly string[], known: ReadonlyMap<string, Known>): string {
  const codes = entries.toSorted().join('\n');
  const name = entries.map(codeOf).toSorted().map(pascal).join('Or');
  for (let count = 1; ; count++) {
    const tried = count === 1 ? name : `${name}${count}`;
    if ((known.get(tried)?.codes ?? codes) === codes) return tried;
  }
}

function responseOf(status: number, entries: readonly string[]): Response {
  const codes = entries.map(codeOf);
  const code = codes[0] ?? '';
  return {
    description: entries.map((entry) => entry.replace(/^\w+/, (word) => `\`${word}\``)).join('; '),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: PROBLEM },
            { type: 'object', properties: { code: { type: 'string', enum: codes } }, required: ['code'] },
          ],
        },
        example: {
          type: `urn:dashoffice:problem:${code}`,
          title: STATUS_CODES[status] ?? 'Error',
          status,
          code,
          detail: entries[0]?.split(': ')[1] ?? STATUS_CODES[status] ?? 'Error',
          requestId: '6f1d2c3b-8a47-4c55-9a0e-2f4d7c1b9e10',
        },
      },
    },
    ...(status === 429 || status === 503 || codes.includes('idempotency_in_progress')
      ? { headers: { 'Retry-After': RETRY_AFTER } }
      : {}),
  };
}

const RETRY_AFTER = { description: 'Seconds to wait', schema: { type: 'string', pattern: '^[0-9]+$' } } as const;

function problemSchema(): NonNullable<Components['schemas']>[string] {
  return {
    type: 'object',
    description: 'Why a request was refused (RFC 9457). Programs branch on `code`; `detail` is for people.',
    properties: {
      type: { type: 'string', description: '`urn:dashoffice:problem:` and the code' },
      title: { type: 'string', description: 'The name of the status' },
      status: { type: 'integer', minimum: 400, maximum: 599 },
      code: { type: 'string', pattern: '^[a-z_]+$' },
      detail: { type: 'string', description: 'What went wrong this time, in English' },
      requestId: { type: 'string', description: 'To be named when asking for help; also the header x-request-id' },
      errors: {
        type: 'array',
        description: 'The input fields that are wrong',
        items: {
          type: 'object',
          properties: { field: { type: 'string' }, message: { type: 'string' } },
          required: ['field', 'message'],
        },
      },
      problems: { type: 'array', description: 'Every problem of a document that has several', items: {} },
    },
    required: ['type', 'title', 'status', 'code', 'detail', 'requestId'],
  };
}

function codeOf(entry: string): string {
  return entry.split(':')[0] ?? entry;
}

function pascal(code: string): string {
  return code.replaceAll(/(?:^|_)([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
