import { Readable } from 'node:stream';
import { randomUUID } from 'node:crypto';
import type { Dispatcher, Pool } from 'undici';
import { z } from 'zod';
import type { InboundMedia } from '../../messages/message-content.js';
import { MediaUnavailableError } from '../provider.errors.js';
import { readBoundedText } from '../http/bounded-text.js';
import { bodyOfSuccess, download } from '../http/download.js';
import type { OutboundFile, SendOutcome } from '../whatsapp-provider.js';
import { toSendOutcome } from './official.outcome.js';

/** Meta keeps an upload 30 days (reference 2.3). */
export const UPLOAD_VALID_MS = 29 * 24 * 3_600_000;

/** Whoever gets our token must be Meta; an address in an answer is only as good as its host. */
const META_HOSTS = /(^|\.)(facebook\.com|fbsbx\.com|fbcdn\.net|whatsapp\.net|whatsapp\.com)$/;

const uploadedSchema = z.object({ id: z.union([z.string().min(1), z.number().transform(String)]) });
const errorSchema = z.object({ error: z.object({ code: z.int() }) });
const resolvedSchema = z.object({ url: z.url({ protocol: /^https?$/ }) });

type Refusal = Extract<SendOutcome, { outcome: 'rejected' }>;

/**
 * Hands a file to Meta as a stream.
 *
 * @returns Meta's id of it, or why there is none: no message has left by then, so nothing is ambiguous
 */
export async function uploadToGraph(
  pool: Pool,
  request: { readonly path: string; readonly token: string },
  file: OutboundFile,
  signal: AbortSignal,
): Promise<{ readonly id: string } | Refusal> {
  try {
    const { head, tail, type } = formAround(file);
    const answer = await pool.request({
      method: 'POST',
      path: request.path,
      headers: {
        authorization: `Bearer ${request.token}`,
        'content-type': type,
        'content-length': String(head.length + file.sizeBytes + tail.length),
      },
      body: Readable.from(form(head, file, tail), { objectMode: false }),
      signal,
    });
    const body = await readBoundedText(answer.body);
    const id = answer.statusCode < 300 ? uploadedSchema.safeParse(parse(body)).data?.id : undefined;
    if (id !== undefined) return { id };
    const outcome = toSendOutcome({ stage: 'answered', status: answer.statusCode, retryAfter: null, body });
    return outcome.outcome === 'rejected' ? outcome : retry(`HTTP ${answer.statusCode} without the id of a file`);
  } catch (error) {
    return retry(String(error));
  }
}

/**
 * Asks where the file is and opens it there. The address lives five minutes; one that has died is asked for again.
 *
 * @throws MediaUnavailableError
 */
export async function openFromGraph(
  dispatcher: Dispatcher,
  graph: { readonly url: string; readonly token: string; readonly phoneNumberId: string },
  media: InboundMedia,
  signal: AbortSignal,
): Promise<Readable> {
  const authorization = { authorization: `Bearer ${graph.token}` };
  const where = new URL(`${graph.url}/${encodeURIComponent(media.id)}`);
  where.searchParams.set('phone_number_id', graph.phoneNumberId);
  for (let isLast = false; ; isLast = true) {
    const resolved = await download(dispatcher, where, authorization, signal);
    if (resolved.status === 400 || resolved.status === 404) {
      // Code 100 of an id that is over its seven days (reference 2.3); what else is wrong a person may mend.
      const code =
        errorSchema.safeParse(parse(await readBoundedText(resolved.body))).data?.error.code ?? resolved.status;
      const isGone = code === 100 || resolved.status === 404;
      throw new MediaUnavailableError(String(code), 'Meta does not hand the file out', isGone);
    }
    await bodyOfSuccess(resolved);
    const address = resolvedSchema.safeParse(parse(await readBoundedText(resolved.body))).data?.url;
    if (!address) throw new MediaUnavailableError('NO_ADDRESS', 'Meta did not tell where the file is', false);
    const url = new URL(address);
    if (!META_HOSTS.test(url.hostname) && url.host !== where.host) {
      throw new MediaUnavailableError('FOREIGN_HOST', `${url.hostname} is not one of Meta's hosts`, true);
    }
    const file = await download(dispatcher, url, authorization, signal);
    if (file.status !== 404 || isLast) return bodyOfSuccess(file);
    await file.body.dump();
  }
}

function formAround({ mimeType, filename }: OutboundFile): { head: Buffer; tail: Buffer; type: string } {
  const boundary = `dashoffice-${randomUUID()}`;
  const name = (filename ?? 'file').replaceAll(/["\r\n]/g, '_');
  const field = (key: string, value: string) =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`;
  const head =
    field('messaging_product', 'whatsapp') +
    field('type', mimeType) +
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: ${mimeType}\r\n\r\n`;
  return {
    head: Buffer.from(head),
    tail: Buffer.from(`\r\n--${boundary}--\r\n`),
    type: `multipart/form-data; boundary=${boundary}`,
  };
}

async function* form(head: Buffer, file: OutboundFile, tail: Buffer): AsyncGenerator<Buffer> {
  yield head;
  for await (const chunk of await file.open()) yield chunk as Buffer;
  yield tail;
}

function retry(reason: string): Refusal {
  return { outcome: 'rejected', class: 'retry', code: 'UPLOAD_FAILED', reason: reason.slice(0, 500) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON is an answer too: the callers say what it means
  }
}
