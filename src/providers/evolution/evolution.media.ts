import { Transform, type Readable, type TransformCallback, pipeline } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Dispatcher } from 'undici';
import { readBoundedText } from '../http/bounded-text.js';
import { MediaUnavailableError } from '../provider.errors.js';
import type { OutboundFile } from '../whatsapp-provider.js';

/** The server fetches an address only if its host has a real top-level domain (reference 4.3). */
const FETCHABLE = /\.[a-z]{2,}$/i;
const NOT_REAL = /\.(local|localhost|internal|lan|home\.arpa|test|invalid|example)$/i;

/** A file as Evolution takes it: an address it can fetch, else all of it in base64. */
export async function sourceOf(file: OutboundFile): Promise<string> {
  const host = file.publicUrl === null ? '' : new URL(file.publicUrl).hostname;
  if (file.publicUrl !== null && FETCHABLE.test(host) && !NOT_REAL.test(host)) return file.publicUrl;
  return (await buffer(await file.open())).toString('base64');
}

/**
 * Asks Evolution to decrypt a file, and reads it out of the JSON as it comes: whole it would lie in memory three times.
 *
 * @throws MediaUnavailableError
 */
export async function openFromEvolution(
  dispatcher: Dispatcher,
  request: { readonly origin: string; readonly path: string; readonly apiKey: string },
  messageId: string,
  signal: AbortSignal,
): Promise<Readable> {
  const { origin, path, apiKey } = request;
  try {
    const answer = await dispatcher.request({
      origin,
      path,
      method: 'POST',
      headers: { apikey: apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ message: { key: { id: messageId } }, convertToMp4: false }),
      signal,
    });
    if (answer.statusCode < 300) return pipeline(answer.body, new Base64Field(), () => undefined);
    const reason = (await readBoundedText(answer.body)).slice(0, 300);
    // A server that keeps no messages, or has dropped this one; whatever else is wrong may be mended.
    throw new MediaUnavailableError(`HTTP_${answer.statusCode}`, reason, /message not found/i.test(reason));
  } catch (error) {
    if (error instanceof MediaUnavailableError) throw error;
    throw new MediaUnavailableError('NO_ANSWER', String(error), false, { cause: error });
  }
}

const FIELD = /"base64"\s*:\s*"/;

/** Decodes the text of `"base64"` in a JSON answer and drops the rest. */
class Base64Field extends Transform {
  private state: 'before' | 'inside' | 'after' = 'before';
  /** The end of what came, which means something only together with what comes next. */
  private carry = '';

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    let text = this.carry + chunk.toString('latin1');
    if (this.state === 'before') {
      const start = FIELD.exec(text);
      if (!start) this.carry = text.slice(-32);
      else {
        text = text.slice(start.index + start[0].length);
        this.state = 'inside';
      }
    }
    if (this.state === 'inside') this.decode(text);
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.state === 'after') done();
    else done(new MediaUnavailableError('NO_FILE', 'the answer holds no file, or not all of it', false));
  }

  private decode(text: string): void {
    const end = text.indexOf('"');
    const body = end < 0 ? text : text.slice(0, end);
    const whole = end < 0 ? body.length - (body.length % 4) : body.length;
    this.carry = body.slice(whole);
    if (whole > 0) this.push(Buffer.from(body.slice(0, whole), 'base64'));
    if (end >= 0) this.state = 'after';
  }
}
