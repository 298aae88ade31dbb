import type { Readable } from 'node:stream';

/** What is of interest in an answer that is not a file is in its first bytes. */
export const MAX_ANSWER_BYTES = 64 * 1024;

/** The beginning of an answer; its connection is closed where more follows, so that nobody fills our memory or time. */
export async function readBoundedText(body: Readable, maxBytes = MAX_ANSWER_BYTES): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, maxBytes - bytes));
    bytes += chunk.length;
    // Leaving the loop destroys the body.
    if (bytes > maxBytes) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}
