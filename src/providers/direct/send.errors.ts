import { AppError } from '../../platform/errors/app-error.js';

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
