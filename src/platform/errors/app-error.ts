export type ErrorDetails = {
  /** The input field that is wrong, as a dotted path. */
  readonly field?: string;
  /** Seconds after which asking again makes sense; becomes the header Retry-After. */
  readonly retryAfterS?: number;
  /** Further members of the problem document, such as every problem of a document. */
  readonly problems?: unknown;
};

/** What a caller may be told. Each feature subclasses it in its `*.errors.ts`; anything else is a bug and answers 500. */
export class AppError extends Error {
  constructor(
    /** Stable, snake_case; clients branch on it. */
    readonly code: string,
    /** HTTP status, 400–599. */
    readonly status: number,
    message: string,
    readonly details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

export type FieldProblem = { readonly field: string; readonly message: string };

const MAX_FIELDS = 20;
const MAX_NAME_CHARS = 100;

/** Input that does not fit its schema; names the first 20 fields at fault, so that no answer outgrows its request. */
export class InvalidInputError extends AppError {
  readonly fields: readonly FieldProblem[];

  constructor(problems: readonly FieldProblem[]) {
    const fields = problems.slice(0, MAX_FIELDS).map((problem) => ({ ...problem, field: cutName(problem.field) }));
    const first = fields[0];
    super('invalid_input', 400, first ? `${first.field}: ${first.message}` : 'The input is not valid', {
      field: first?.field,
    });
    this.fields = fields;
  }
}

function cutName(field: string): string {
  return field.length > MAX_NAME_CHARS ? `${field.slice(0, MAX_NAME_CHARS - 1)}…` : field;
}
