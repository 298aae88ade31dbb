import { AppError } from '../platform/errors/app-error.js';

export class MediaNotFoundError extends AppError {
  constructor(id: string) {
    super('media_not_found', 404, `There is no file ${id}`);
  }
}

/** The link is not ours, was altered, or its time is over. */
export class MediaLinkInvalidError extends AppError {
  constructor() {
    super('media_link_invalid', 403, 'The link to the file is not valid or has expired; ask for a new one');
  }
}

export class MediaTooLargeError extends AppError {
  constructor(readonly maxBytes: number) {
    super('media_too_large', 413, `The file is larger than ${maxBytes} bytes`, { field: 'file' });
  }
}

export class MediaTypeRefusedError extends AppError {
  constructor(reason: string) {
    super('media_type_refused', 415, reason, { field: 'file' });
  }
}

export class MediaMissingError extends AppError {
  constructor() {
    super('media_missing', 422, 'The form has no part "file" with a file in it', { field: 'file' });
  }
}

/** The row is there and the bytes are not: not fetched yet, or lost with the disk they lay on. */
export class MediaNotStoredError extends AppError {
  constructor(id: string, state: string) {
    super('media_not_stored', 404, `The file ${id} cannot be opened: ${state}`);
  }
}
