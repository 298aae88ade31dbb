import { AppError } from '../platform/errors/app-error.js';

export class NoLinkedDeviceError extends AppError {
  constructor(botId: string) {
    super('no_linked_device', 409, `The bot ${botId} has no connection that is paired by a QR code`, {
      field: 'bot_id',
    });
  }
}

export class NoConnectionError extends AppError {
  constructor(botId: string) {
    super('no_connection', 409, `The bot ${botId} has no connection to send by`, { field: 'bot_id' });
  }
}

/** Nobody has such a number: the country does not exist, or numbers there are shorter or longer. */
export class BadNumberError extends AppError {
  constructor(phone: string) {
    super('bad_number', 422, `${phone} is not a telephone number`, { field: 'to' });
  }
}

/** The customer did not write to this number in the last 24 hours, and the bot has no template to send instead. */
export class WindowClosedError extends AppError {
  constructor() {
    const message =
      'The customer did not write in the last 24 hours: WhatsApp takes only an approved template. Send one, or set windowTemplate on the bot';
    super('window_closed', 422, message, { field: 'message' });
  }
}

/** No connection of the bot can show it; `code` says what is missing. */
export class NotSendableError extends AppError {
  constructor(code: string, reason: string) {
    super(code, 422, reason, { field: 'content' });
  }
}

/** The file is not there, or not one the connection takes. */
export class FileNotSendableError extends AppError {
  constructor(code: string, status: 413 | 422, reason: string) {
    super(code, status, reason, { field: 'content.mediaId' });
  }
}
