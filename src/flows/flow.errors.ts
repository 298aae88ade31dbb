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
