import fc from 'fast-check';
import type { DescribedApi, JsonSchema, Operation, Parameter } from '../answers/described-api.js';
import { fill, keysOf, type Rows } from '../answers/rows.js';
import { hostileText, nearly } from './hostile-inputs.js';
import { rowOf, validFor } from './schema-inputs.js';

/** What is sent, with `row:` where ids of rows go. */
export type Ask = {
  readonly path: readonly string[];
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
  /** JSON or text as it goes over the wire; undefined: no body. */
  readonly body: string | undefined;
};
export type Request = {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly payload: string | undefined;
};

/** Requests to the operation: most nearly right, some right, some hostile. */
export function asksOf(api: DescribedApi, operation: Operation): fc.Arbitrary<Ask> {
  const [mime, content] = Object.entries(operation.body ?? {})[0] ?? [];
  const query = operation.parameters.filter((parameter) => parameter.in === 'query');
  return fc.record({
    path: fc.tuple(...keysOf(operation.path).map(pathValue)),
    query: fc
      .tuple(...query.map((parameter) => queryMember(api, parameter)), fc.option(strangeMember, { freq: 8 }))
      .map((members) => members.filter((member) => member !== null)),
    headers: headersFor(operation, mime),
    body: bodyFor(api, operation, mime, content?.schema),
  });
}

/** Puts ids in, and what a URL can carry of each text. */
export function toRequest({ method, path }: Operation, ask: Ask, rows: Rows): Request {
  const given = (value: string) => (value.startsWith('row:') ? (rows[value.slice(4)] ?? '') : value);
  const values = ask.path.map((value) => encode(given(value)));
  const query = ask.query.map(([name, value]) => `${encode(name)}=${encode(given(value))}`).join('&');
  return {
    method,
    url: `${fill(path, values)}${query && `?${query}`}`,
    headers: { ...ask.headers },
    payload: ask.body?.replaceAll(/"row:([^"]+)"/g, (_, key: string) => JSON.stringify(rows[key] ?? '')),
  };
}

function pathValue(key: string): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 7, arbitrary: fc.constant(rowOf(key)) },
    { weight: 1, arbitrary: fc.constant(rowOf(`foreign:${key}`)) },
    { weight: 1, arbitrary: fc.uuid() },
    { weight: 2, arbitrary: hostileText.filter(isRoutable) },
  );
}

/** What is not, never reaches the operation. */
function isRoutable(text: string): boolean {
  return text.isWellFormed() && text.length > 0 && text.length < 100 && !/^\.*$/.test(text);
}

function queryMember(api: DescribedApi, { name, schema = {}, required }: Parameter) {
  const value = fc.oneof(
    { weight: 3, arbitrary: validFor(api, schema, name).map(plain) },
    { weight: 1, arbitrary: hostileText },
  );
  const member = value.map((text) => [name, text] as const);
  return required ? member : fc.option(member, { freq: 1 });
}

const plain = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

const strangeMember = fc.tuple(fc.constantFrom('limit', 'cursor', 'x', 'a[b]', '__proto__'), hostileText);

function headersFor({ parameters }: Operation, mime: string | undefined): fc.Arbitrary<Record<string, string>> {
  const own = parameters
    .filter((parameter) => parameter.in === 'header')
    .map(({ name }) => [name.toLowerCase(), fc.option(headerValue, { nil: undefined, freq: 2 })] as const);
  const type = fc.oneof(
    { weight: 12, arbitrary: fc.constant(mime === 'multipart/form-data' ? `${mime}; boundary=${BOUNDARY}` : mime) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('text/plain', 'application/xml', 'application/json; charset=x', 'multipart/form-data'),
    },
  );
  const members: Record<string, fc.Arbitrary<string | undefined>> = Object.fromEntries(own);
  if (mime !== undefined) members['content-type'] = type;
  return fc
    .record(members)
    .map((headers) =>
      Object.fromEntries(
        Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ),
    );
}

const headerValue = fc.oneof(
  fc.constantFrom('"1"', '"2"', '*', 'W/"1"', '"99999999999999999999"', '', 'x', 'ñ', ' ', '0'.repeat(300)),
  fc.uuid(),
);

function bodyFor(
  api: DescribedApi,
  operation: Operation,
  mime: string | undefined,
  schema: JsonSchema | undefined,
): fc.Arbitrary<string | undefined> {
  if (operation.method === 'GET') return fc.constant(undefined);
  if (mime === undefined) return fc.option(fc.json({ maxDepth: 1 }), { nil: undefined, freq: 1 });
  if (mime === 'multipart/form-data') return form;
  if (mime !== 'application/json') return fc.oneof(csv, fc.string({ unit: 'binary', maxLength: 200 }));
  const example = api.resolve(schema ?? {}).example;
  const valid = validFor(api, schema ?? {});
  const fitting = example === undefined ? valid : fc.oneof({ weight: 3, arbitrary: valid }, fc.constant(example));
  const json = nearly(fitting).map((value) => JSON.stringify(value));
  return fc.oneof(
    { weight: 30, arbitrary: json },
    { weight: 1, arbitrary: fc.constantFrom(undefined, '', '{', 'null', '[', '"\\ud800"', '{"a":1e400}', '\u0000') },
  );
}

const csv = fc
  .array(fc.array(fc.oneof(fc.constantFrom('P-1', '10.00', 'MXN', 'sí'), hostileText), { minLength: 4, maxLength: 4 }))
  .map((lines) => ['sku,name_es,price,currency', ...lines.map((cells) => cells.join(','))].join('\n'));

const BOUNDARY = 'limit';

/** A form with files, whole or cut off somewhere. */
const form = fc
  .tuple(
    fc.array(
      fc.record({
        name: fc.oneof({ weight: 4, arbitrary: fc.constant('file') }, hostileText),
        type: fc.constantFrom('text/plain', 'image/png', 'text/csv', 'x', ''),
        filename: fc.oneof(fc.constant('a.txt'), hostileText),
        content: fc.oneof(csv, fc.string({ unit: 'binary', maxLength: 200 })),
      }),
      { maxLength: 2 },
    ),
    fc.option(fc.nat({ max: 200 }), { nil: 0, freq: 3 }),
  )
  .map(([parts, cutBy]) => {
    const text = parts.map(
      ({ name, type, filename, content }) =>
        `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"; filename="${filename}"\r\n` +
        `content-type: ${type}\r\n\r\n${content}\r\n`,
    );
    const whole = `${text.join('')}--${BOUNDARY}--\r\n`;
    return whole.slice(0, whole.length - cutBy);
  });

/** Percent-encoded, half a character as the bytes that a careless client sends for it. */
function encode(text: string): string {
  return text
    .split(/(\p{Surrogate})/u)
    .map((part) => (part.isWellFormed() ? encodeURIComponent(part) : '%ED%A0%80'))
    .join('');
}
