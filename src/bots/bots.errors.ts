import { AppError } from '../platform/errors/app-error.js';

export class BotNotFoundError extends AppError {
  constructor(id: string) {
    super('bot_not_found', 404, `There is no bot ${id}`);
  }
}

/** Its connections, conversations or orders point at it. */
export class BotInUseError extends AppError {
  constructor(options?: ErrorOptions) {
    const message = 'This bot has connections, conversations or orders: set isActive to false instead of deleting it';
    super('bot_in_use', 409, message, {}, options);
  }
}
