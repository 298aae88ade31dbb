import { AppError } from '../errors/app-error.js';

export class IdempotencyKeyReusedError extends AppError {
  constructor() {
    super('idempotency_key_reused', 422, 'This Idempotency-Key was used for a different request', {
      field: 'Idempotency-Key',
    });
  }
}

export class IdempotencyInProgressError extends AppError {
  /** @param retryAfterS when it is answered, or taken for dead and run anew */
  constructor(retryAfterS: number) {
    super('idempotency_in_progress', 409, 'A request with this Idempotency-Key is still running; ask again shortly', {
      retryAfterS,
    });
  }
}
