import { Injectable, StandardSchemaValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import { InvalidInputError } from '../errors/app-error.js';
import { findUnstorable } from './unstorable-text.js';

type Path = readonly (PropertyKey | { readonly key: PropertyKey })[];
/** `keys`: Zod's, for members that a strict object does not know. */
type Issue = { readonly message: string; readonly path?: Path; readonly keys?: readonly string[] };

/** Checks every input against the schema on its decorator; the error names each wrong field by its dotted path. */
@Injectable()
export class InputPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: (issues) => toInvalidInput(issues) });
  }

  override async transform<T = unknown>(value: T, metadata: ArgumentMetadata): Promise<T> {
    try {
      const checked = await super.transform<T>(value, metadata);
      // Without a schema it is for the route to judge: what another server posts is kept, whatever is in it.
      const unstorable = metadata.schema ? findUnstorable(checked) : null;
      if (!unstorable) return checked;
      throw new InvalidInputError([
        { field: dotted(unstorable), message: 'Has U+0000, half a character or an endless number in it' },
      ]);
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
  return new InvalidInputError(
    issues.flatMap(({ path = [], message, keys }) => {
      if (!keys) return [{ field: dotted(path), message }];
      return keys.map((key) => ({ field: dotted([...path, key]), message: 'Not a field of this request' }));
    }),
  );
}

function dotted(path: Path): string {
  if (path.length === 0) return '(input)';
  return path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
}
