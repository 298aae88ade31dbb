import { Injectable, StandardSchemaValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import { InvalidInputError } from '../errors/app-error.js';

type Issue = { readonly message: string; readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] };

/** Checks every input against the schema on its decorator; the error names each wrong field by its dotted path. */
@Injectable()
export class InputPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: (issues) => toInvalidInput(issues) });
  }

  override async transform<T = unknown>(value: T, metadata: ArgumentMetadata): Promise<T> {
    try {
      return await super.transform(value, metadata);
    } catch (error) {
      if (!(error instanceof InvalidInputError) || !metadata.data) throw error;
      const name = metadata.data;
      throw new InvalidInputError(
        error.fields.map(({ field, message }) => ({ field: field === '(input)' ? name : `${name}.${field}`, message })),
      );
    }
  }
}

function toInvalidInput(issues: readonly Issue[]): InvalidInputError {
  const fields = issues.map(({ path, message }) => ({ field: dotted(path), message }));
  return new InvalidInputError(fields);
}

function dotted(path: Issue['path']): string {
  if (!path?.length) return '(input)';
  return path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
}
