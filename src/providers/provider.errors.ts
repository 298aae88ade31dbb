import { AppError } from '../platform/errors/app-error.js';

/** The name was stored by a version that knew more providers. */
export class UnknownProviderError extends AppError {
  constructor(name: string) {
    super('unknown_provider', 422, `No provider is named "${name}"`, { field: 'provider' });
  }
}

/** Nothing in the webhook's body could be read; `details.field` is the first part that is wrong. */
export class MalformedWebhookError extends AppError {
  constructor(field: string, expected: string) {
    super('malformed_webhook', 400, `${field} must be ${expected}`, { field });
  }
}

/** An inbound file cannot be opened. `isFinal`: it never will be, such as one the provider has deleted. */
export class MediaUnavailableError extends Error {
  override readonly name = 'MediaUnavailableError';

  constructor(
    readonly code: string,
    reason: string,
    readonly isFinal: boolean,
    options?: ErrorOptions,
  ) {
    super(`${code}: ${reason}`.slice(0, 500), options);
  }
}
