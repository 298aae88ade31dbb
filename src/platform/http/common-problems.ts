import type { Operation } from './finish-document.js';

/** Who am I, and of which tenant: nobody who is signed in is without it. */
const EVERYBODYS = 'session:own';
const FORMS = ['format', 'pattern', 'enum', 'minLength', 'maxLength'];
const READING = ['get', 'head', 'options'];

/** What a route refuses with because of what it is (closed, with a body, taking If-Match, …): `[status, code]`. */
export function commonProblems(method: string, path: string, operation: Operation): [number, string][] {
  const closed = (operation.security ?? []).length > 0;
  const body = operation.requestBody !== undefined;
  const headers = headersOf(operation);
  const found: [boolean, number, string][] = [
    [body || isChecked(operation), 400, 'invalid_input'],
    [body, 400, 'bad_request: the body cannot be read'],
    [closed, 401, 'not_signed_in'],
    [closed && Reflect.get(operation, 'x-permission') !== EVERYBODYS, 403, 'forbidden'],
    [closed && !READING.includes(method), 403, 'csrf_token_invalid: a call by cookie without its token'],
    [headers.has('idempotency-key'), 409, 'idempotency_in_progress'],
    [headers.has('if-match'), 412, 'revision_mismatch'],
    [body, 413, 'payload_too_large'],
    [body, 415, 'unsupported_media_type'],
    [headers.has('idempotency-key'), 422, 'idempotency_key_reused'],
    [closed, 429, 'rate_limited'],
    [closed || path.startsWith('/api/'), 503, 'database_unavailable'],
    [closed || path.startsWith('/api/'), 503, 'storage_unavailable: full, read-only or busy'],
  ];
  return found.filter(([applies]) => applies).map(([, status, code]) => [status, code]);
}

/** Some part of the address must be of a form. */
function isChecked({ parameters = [] }: Operation): boolean {
  return parameters.some((parameter) => {
    if (!('in' in parameter) || parameter.in === 'header') return false;
    const { type, ...form } = { type: 'string', ...parameter.schema };
    return type !== 'string' || Object.keys(form).some((key) => FORMS.includes(key));
  });
}

function headersOf({ parameters = [] }: Operation): ReadonlySet<string> {
  return new Set(
    parameters
      .flatMap((parameter) => ('in' in parameter && parameter.in === 'header' ? [parameter.name] : []))
      .map((name) => name.toLowerCase()),
  );
}
