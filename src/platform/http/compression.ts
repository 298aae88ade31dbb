import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import type { FastifyInstance } from 'fastify';

/** Below this an answer leaves in one packet however it is written. */
const THRESHOLD_BYTES = 1400;
/** Pictures, sound and archives are compressed already. */
const COMPRESSIBLE = /^(?:text\/(?:csv|html|css|plain|javascript)|application\/(?:problem\+|schema\+)?json)\b/;
/** Half the time of the highest, for a few percent more bytes. */
const BROTLI_QUALITY = 4;

/** Answers in Brotli or gzip to whoever takes them. Bodies that come compressed are not opened: they could be bombs. */
export async function compressAnswers(fastify: FastifyInstance): Promise<void> {
  await fastify.register(compress, {
    globalDecompression: false,
    threshold: THRESHOLD_BYTES,
    encodings: ['br', 'gzip'],
    customTypes: COMPRESSIBLE,
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } },
  });
}
