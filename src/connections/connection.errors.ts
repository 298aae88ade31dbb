import { AppError } from '../platform/errors/app-error.js';

export class ConnectionNotFoundError extends AppError {
  constructor(id: string) {
    super('connection_not_found', 404, `There is no connection ${id}`);
  }
}

/** Two connections of one tenant would answer the same customer. */
export class ConnectionExistsError extends AppError {
  constructor(options?: ErrorOptions) {
    const message = 'Another connection has this number of this provider';
    super('connection_exists', 409, message, { field: 'credentials' }, options);
  }
}

/** Conversations came by it. */
export class ConnectionInUseError extends AppError {
  constructor(options?: ErrorOptions) {
    super('connection_in_use', 409, 'Conversations came by this connection: pause it instead', {}, options);
  }
}

/** The simulator reaches nobody, which a real shop must not find out from its customers. */
export class SimulatorNotAllowedError extends AppError {
  constructor() {
    super('simulator_not_allowed', 422, 'The simulator is not allowed here: set SIMULATOR_ALLOWED=true', {
      field: 'provider',
    });
  }
}

/** They would go by nothing. */
export class ConnectionSendingError extends AppError {
  constructor(openSends: number) {
    const message = 'messages are still to go by this connection: pause it, and delete it once they are settled';
    super('connection_sending', 409, `${openSends} ${message}`);
  }
}
