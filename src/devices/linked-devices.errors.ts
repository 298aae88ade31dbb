import { AppError } from '../platform/errors/app-error.js';

export class NotALinkedDeviceError extends AppError {
  constructor(id: string) {
    super('not_a_linked_device', 409, `The connection ${id} is not paired with a phone; only provider baileys is`);
  }
}

export class AlreadyLinkedError extends AppError {
  constructor() {
    super('already_linked', 409, 'A phone is linked already: log it out first to link another');
  }
}

/** The code is asked for, and the process that shows it needs a moment. */
export class CodeNotReadyError extends AppError {
  constructor() {
    super('code_not_ready', 409, 'No QR code is shown yet: ask again shortly', { retryAfterS: 2 });
  }
}
