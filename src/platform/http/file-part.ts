import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { InvalidInputError } from '../errors/app-error.js';

export type FilePart = {
  readonly fieldname: string;
  readonly filename: string;
  readonly mimetype: string;
  /** Ends with InvalidInputError where the form does not end as forms do. */
  readonly file: Readable;
};

/**
 * The first file of a form; undefined when the request is no form or has none.
 *
 * @throws InvalidInputError the form cannot be read
 */
export async function filePart(request: FastifyRequest): Promise<FilePart | undefined> {
  if (!request.isMultipart()) return undefined;
  try {
    const part = await request.file();
    if (!part) return undefined;
    const { fieldname, filename, mimetype, file } = part;
    return { fieldname, filename, mimetype, file: Readable.from(wellEnded(file), { objectMode: false }) };
  } catch (error) {
    throw unreadable(error);
  }
}

async function* wellEnded(file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* file;
  } catch (error) {
    throw unreadable(error);
  }
}

/** Limits come with a status; of a form that it cannot read, the parser throws plain errors. */
function unreadable(error: unknown): unknown {
  if (!(error instanceof Error) || 'statusCode' in error) return error;
  return new InvalidInputError([{ field: '(input)', message: error.message }]);
}
