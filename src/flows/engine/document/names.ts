import { z } from 'zod';

/** Names an expression already knows; a flow cannot declare a variable of that name. */
export const SCOPE_NAMES = [
  'contact',
  'msg',
  'event',
  'now',
  'lang',
  'error',
  'item',
  'index',
  'answer',
  'result',
  'response',
] as const;

/** Words of CEL itself, and names that mean something to JavaScript objects. */
const LANGUAGE_NAMES =
  'true false null in as break const continue else for function if import let loop package namespace return var void while ' +
  'string bool int uint double bytes list map type null_type dyn cel google optional has all exists exists_one filter ' +
  'constructor prototype hasOwnProperty toString valueOf';

/** Zod leaves `__proto__` out of what it checks, so it is named here. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([...SCOPE_NAMES, ...LANGUAGE_NAMES.split(' '), '__proto__']);

/** The one scope name a flow may assign: `set: { lang: "'en'" }` or `save: lang` switches the language at once. */
export const LANGUAGE_VARIABLE = 'lang';

export const stepIdSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'must start with a letter; letters, digits, _ and -; at most 64')
  .describe('Id of a step of this document');

export const variableNameSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/, 'must start with a letter; letters, digits and _; at most 40');

export const flowKeySchema = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'must be lower case: letters, digits, _ and -; at most 64');

/** Codes of errors and outcomes: `out_of_stock`, `404`, `5xx`, `timeout`, `error`. */
export const codeSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'must be a short code');

export const localeSchema = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$/, 'must be a language tag such as es or pt-BR');
