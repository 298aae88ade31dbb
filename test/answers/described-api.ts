import { z } from 'zod';

export type JsonSchema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly example?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
};
type Contents = Readonly<Record<string, { readonly schema?: JsonSchema }>>;
export type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema?: JsonSchema;
};
type Described = {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Contents };
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly content?: Contents }>>;
  readonly security?: readonly unknown[];
};
export type ApiDocument = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses?: Readonly<Record<string, { readonly content?: Contents }>>;
  };
};

export type Operation = {
  /** Such as `GET /api/bots/{id}`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** Needs a token. */
  readonly isClosed: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: Contents | undefined;
  /** By status; what each may carry by content type. */
  readonly responses: Readonly<Record<string, Contents>>;
};

export type RawAnswer = { readonly status: number; readonly type: string; readonly body: string };

/** openapi.json as tests walk it. */
export class DescribedApi {
  readonly operations: readonly Operation[];
  private readonly checks = new Map<JsonSchema, z.ZodType>();

  constructor(private readonly document: ApiDocument) {
    this.operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, described]) => ({
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        isClosed: (described.security ?? []).length > 0,
        parameters: described.parameters ?? [],
        body: described.requestBody?.content,
        responses: Object.fromEntries(
          Object.entries(described.responses).map(([status, response]) => [
            status,
            (document.components.responses?.[lastOf(response.$ref)] ?? response).content ?? {},
          ]),
        ),
      })),
    );
  }

  /** The schema behind a reference. */
  resolve(schema: JsonSchema): JsonSchema {
    const target = schema.$ref === undefined ? schema : this.document.components.schemas[lastOf(schema.$ref)];
    if (!target) throw new Error(`No schema ${schema.$ref}`);
    return target;
  }

  /** The codes an answer of this status may carry. */
  codesOf({ responses }: Operation, status: number): readonly string[] {
    const schema = responses[status]?.['application/problem+json']?.schema;
    return [...(schema?.allOf ?? []), ...(schema ? [schema] : [])].flatMap(({ properties }) =>
      (properties?.['code']?.enum ?? []).map(String),
    );
  }

  /** Why the answer is none that the document declares; null when it is. */
  misfit(operation: Operation, { status, type, body }: RawAnswer): string | null {
    const contents = operation.responses[status];
    if (!contents) return `${status} is not declared`;
    if (Object.keys(contents).length === 0) return null;
    const mime = type.split(';')[0]?.trim() ?? '';
    const content = contents[mime];
    if (!content) return `${status} comes as ${mime || 'nothing'}, declared ${Object.keys(contents).join(', ')}`;
    if (!content.schema || !mime.endsWith('json')) return null;
    const checked = this.checkOf(content.schema).safeParse(JSON.parse(body));
    return checked.success ? null : z.prettifyError(checked.error);
  }

  private checkOf(schema: JsonSchema): z.ZodType {
    const check = this.checks.get(schema) ?? this.compile(schema);
    this.checks.set(schema, check);
    return check;
  }

  private compile(schema: JsonSchema): z.ZodType {
    const whole = { ...schema, $defs: this.document.components.schemas };
    const local = JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/');
    return z.fromJSONSchema(JSON.parse(local) as Parameters<typeof z.fromJSONSchema>[0]);
  }
}

function lastOf(reference: string | undefined): string {
  return reference?.split('/').at(-1) ?? '';
}
