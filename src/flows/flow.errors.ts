import { AppError } from '../platform/errors/app-error.js';

/**
 * An action refuses for a reason the flow may answer: the step goes on at `on.<code>`, else at `on.error`.
 * Whatever the action wrote is rolled back. Anything else an action throws is a bug or an outage.
 */
export class ActionError extends Error {
  constructor(
    /** One of the action's declared `errors`. */
    readonly code: string,
    message: string = code,
    options?: ErrorOptions & {
      /** What the flow may tell the customer, such as how many units are left. */
      readonly details?: Readonly<Record<string, unknown>>;
    },
  ) {
    super(message, options);
    this.name = 'ActionError';
    this.details = options?.details ?? {};
  }

  readonly details: Readonly<Record<string, unknown>>;
}

export class FlowNotFoundError extends AppError {
  constructor(id: string) {
    super('flow_not_found', 404, `There is no flow ${id}`);
  }
}

export class FlowVersionNotFoundError extends AppError {
  constructor(version: string | number) {
    super('flow_version_not_found', 404, `There is no flow version ${version}`);
  }
}

export class FlowKeyTakenError extends AppError {
  constructor(key: string, options?: ErrorOptions) {
    super('flow_key_taken', 409, `Another flow already has the key ${key}`, { field: 'key' }, options);
  }
}

/** An archived flow is kept for its versions; it is not edited or published until it is restored. */
export class FlowArchivedError extends AppError {
  constructor(key: string) {
    super('flow_archived', 409, `The flow ${key} is archived`);
  }
}

export class FlowDraftTooLargeError extends AppError {
  constructor(maxBytes: number) {
    super('flow_draft_too_large', 413, `A draft may have at most ${maxBytes} bytes as JSON`, { field: 'draft' });
  }
}

/** The draft has errors, so nothing was published. `details.problems` lists every one of them with its step. */
export class FlowInvalidError extends AppError {
  constructor(problems: readonly { readonly severity: string }[]) {
    const errors = problems.filter(({ severity }) => severity === 'error').length;
    super('flow_invalid', 422, `The flow was not published: ${errors} ${errors === 1 ? 'error' : 'errors'}`, {
      problems,
    });
  }
}
