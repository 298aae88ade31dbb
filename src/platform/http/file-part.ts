import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { InvalidInputError } from '../errors/app-error.js';

/**
 * The first file of a form; undefined when the request is no form or has none.
 *
 * @throws InvalidInputError the form cannot be read
 */
export async function filePart(request: FastifyRequest): Promise<MultipartFile | undefined> {
  if (!request.isMultipart()) return undefined;
  try {
    return await request.file();
  } catch (error) {
    // Limits come with a status; of a form that it cannot read, the parser throws plain errors.
    if (error instanceof Error && 'statusCode' in error) throw error;
    throw new InvalidInputError([{ field: '(input)', message: error instanceof Error ? error.message : 'No form' }]);
  }
}
