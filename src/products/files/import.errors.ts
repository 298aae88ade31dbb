import { AppError } from '../../platform/errors/app-error.js';

export class ImportNotFoundError extends AppError {
  constructor(id: string) {
    super('product_import_not_found', 404, `There is no import ${id}`);
  }
}

export class FileColumnsError extends AppError {
  constructor(message: string) {
    super('file_columns', 422, message, { field: 'file' });
  }
}

export class FileEncodingError extends AppError {
  constructor(options?: ErrorOptions) {
    super('file_encoding', 422, 'The file is not UTF-8; in Excel save it as “CSV UTF-8”', { field: 'file' }, options);
  }
}

export class FileBrokenError extends AppError {
  constructor(line: number, options?: ErrorOptions) {
    super(
      'file_broken',
      422,
      `From line ${line} on it cannot be read as CSV: a quote does not close`,
      { field: 'file' },
      options,
    );
  }
}

export class FileTooLargeError extends AppError {
  constructor(maxBytes: number) {
    super('file_too_large', 413, `A file has at most ${maxBytes} bytes`, { field: 'file' });
  }
}

export class TooManyRowsError extends AppError {
  constructor(maxRows: number) {
    super('too_many_rows', 413, `A file has at most ${maxRows} lines of products`, { field: 'file' });
  }
}

export class FileMissingError extends AppError {
  constructor() {
    super('file_missing', 422, 'Send text/csv, or a form with a part named file', { field: 'file' });
  }
}
