import { AppError } from '../platform/errors/app-error.js';

export class ConversationNotFoundError extends AppError {
  constructor(id: string) {
    super('conversation_not_found', 404, `There is no conversation ${id}`);
  }
}

/** The bot has no connection with any provider, so nothing can come in or go out. */
export class NoConnectionError extends AppError {
  constructor(botId: string) {
    super('no_connection', 409, `The bot ${botId} has no connection`);
  }
}
