import type { OpenAPIObject } from '@nestjs/swagger';
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

/** What Nest leaves out of a document, or cannot know. */
export function finishDocument(document: OpenAPIObject): OpenAPIObject {
  Reflect.deleteProperty(document.info, 'contact');
  for (const [method, operation] of operationsOf(document)) {
    takeCookie(method, operation);
    if (method === 'get') showPicture(operation);
    showIds(operation);
  }
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

function showIds({ parameters = [] }: Operation): void {
  for (const parameter of parameters)
    if ('in' in parameter && parameter.in === 'path') parameter.example ??= EXAMPLES[parameter.name] ?? EXAMPLE_ID;
}

const EXAMPLE_ID = '8d5e2f14-90ab-4c3d-8e7f-1a2b3c4d5e6f';
const EXAMPLES: Readonly<Record<string, unknown>> = { number: 3 };

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
  return [...described].toSorted().map(([name, description]) => ({ name, description }));
}
