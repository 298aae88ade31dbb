import type { OpenAPIObject } from '@nestjs/swagger';
import { spellOutChoice, type ObjectSchema } from './either-or.js';
import { TAG_KEY } from './tag.decorator.js';

export type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Every operation, with its method. */
export function operationsOf({ paths }: OpenAPIObject): [(typeof METHODS)[number], Operation][] {
  return Object.values(paths).flatMap((item) =>
    METHODS.flatMap((method): [(typeof METHODS)[number], Operation][] => {
      const operation = item[method];
      return operation ? [[method, operation]] : [];
    }),
  );
}

type SchemaObject = Exclude<NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string], { $ref: string }>;

const EXAMPLE_ID = '8d5e2f14-90ab-4c3d-8e7f-1a2b3c4d5e6f';

/** What Nest leaves out of a document, or cannot know. */
export function finishDocument(document: OpenAPIObject): OpenAPIObject {
  Reflect.deleteProperty(document.info, 'contact');
  for (const [method, operation] of operationsOf(document)) {
    takeCookie(method, operation);
    if (method === 'get') showPicture(operation);
    showIds(operation);
    showFile(operation);
    allowNoBody(operation);
  }
  const { schemas = {} } = document.components ?? {};
  for (const [name, schema] of Object.entries(schemas))
    if (!('$ref' in schema)) schemas[name] = spellOutChoice(schema as ObjectSchema) as SchemaObject;
  document.tags = tagsOf(document);
  return document;
}

/** Whatever a token opens the cookie opens too; for a change together with the CSRF token. No lock: open to anyone. */
function takeCookie(method: string, operation: Operation): void {
  const security = (operation.security ??= []);
  if (security.length > 0) security.push(method === 'get' ? { cookie: [] } : { cookie: [], csrf: [] });
}

/** Nest gives every type that a route produces the schema of its JSON. */
function showPicture(operation: Operation): void {
  for (const response of Object.values(operation.responses)) {
    const picture = response && 'content' in response ? response.content?.['image/png'] : undefined;
    if (picture) picture.schema = { type: 'string', format: 'binary' };
  }
}

/** Paths are easier to read with something in their places. */
function showIds({ parameters = [] }: Operation): void {
  for (const parameter of parameters) {
    if (!('in' in parameter) || parameter.in !== 'path') continue;
    const { enum: names, type } = (parameter.schema ?? {}) as SchemaObject;
    parameter.example ??= names?.[0] ?? (type === 'integer' ? 1 : EXAMPLE_ID);
  }
}

/** A file of text is the body itself; in a form it is a part. */
function showFile({ requestBody }: Operation): void {
  const csv = requestBody && 'content' in requestBody ? requestBody.content['text/csv'] : undefined;
  if (csv) csv.schema = { type: 'string' };
}

/** A body that has a default may be left out. */
function allowNoBody({ requestBody }: Operation): void {
  const json = requestBody && 'content' in requestBody ? requestBody.content['application/json'] : undefined;
  if (!requestBody || !('content' in requestBody) || !json?.schema || !('default' in json.schema)) return;
  requestBody.required = false;
  const { default: _, allOf, ...schema } = json.schema;
  json.schema = allOf?.[0] ?? schema;
}

/** By name, each with what one of its controllers says of it. */
function tagsOf(document: OpenAPIObject): { name: string; description: string }[] {
  const described = new Map<string, string>();
  for (const [, operation] of operationsOf(document)) {
    const name = operation.tags?.[0] ?? '';
    const description: unknown = Reflect.get(operation, TAG_KEY);
    Reflect.deleteProperty(operation, TAG_KEY);
    if (typeof description === 'string') described.set(name, description);
    else if (!described.has(name)) described.set(name, '');
  }
  return [...described]
    .map(([name, description]) => ({ name, description }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
}
