import { AppError } from '../platform/errors/app-error.js';

/** The body is not proved to come from whom it claims; nothing of it was stored. */
export class BadWebhookSignatureError extends AppError {
  constructor(
    reason: string,
    /** For the log: what the signature was compared with, none of it secret. */
    readonly tried?: object,
  ) {
    super('bad_webhook_signature', 401, reason);
  }
}

/** This process cannot open the connection's credentials; another may, so the provider should deliver again. */
export class CredentialsUnreadableError extends AppError {
  constructor() {
    super('credentials_unreadable', 503, 'The credentials of the connection cannot be opened at the moment');
  }
}

/** The verify token is none of ours. */
export class HandshakeRefusedError extends AppError {
  constructor() {
    super('handshake_refused', 403, 'The verify token does not belong to an active connection', {
      field: 'hub.verify_token',
    });
  }
}
