import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerError, answerJson } from './graph-double-faults.js';

export type UploadedMedia = { readonly id: string; readonly mimeType: string; readonly bytes: Buffer };
export type DoubleMedia = { readonly mimeType: string; readonly bytes: Buffer };

/** Files of the Graph double: uploads of ours, and what customers sent, each behind an address that dies. */
export class GraphMedia {
  readonly uploads: UploadedMedia[] = [];
  /** By media id; put here what a customer "sent". */
  readonly files = new Map<string, DoubleMedia>();
  /** So many addresses given out from now on are dead when they are used. */
  deadAddresses = 0;
  /** Answers the next uploads so, one each: a Graph code, or an HTTP status of a proxy. */
  failUploads: { readonly code?: number; readonly status?: number }[] = [];
  /** Addresses given out point there; default: the double itself. */
  host: string | null = null;
  private readonly addresses = new Map<string, { readonly id: string; readonly isDead: boolean }>();
  private sequence = 0;

  isAbout({ method, url = '' }: IncomingMessage): boolean {
    return method === 'POST'
      ? /^\/v\d+\.\d+\/[^/]+\/media$/.test(url)
      : /^\/(files\/[^/?]+|v\d+\.\d+\/[^/?]+\?phone_number_id=\d+)$/.test(url);
  }

  answer(request: IncomingMessage, response: ServerResponse, body: Buffer, ownUrl: string): void {
    if (request.method === 'POST') return this.upload(response, body, request.headers['content-type'] ?? '');
    const [, first, id = ''] = /^\/([^/]+)\/([^/?]+)/.exec(request.url ?? '') ?? [];
    if (first === 'files') this.download(response, id);
    else this.resolve(response, id, ownUrl);
  }

  private upload(response: ServerResponse, body: Buffer, contentType: string): void {
    const fault = this.failUploads.shift();
    if (fault?.code !== undefined) return answerError(response, fault.code, 'told to fail', fault);
    if (fault) return void response.writeHead(fault.status ?? 502).end('<html>');
    const parts = readForm(body, contentType);
    const file = parts.get('file');
    if (parts.get('messaging_product')?.bytes.toString() !== 'whatsapp' || !file) {
      return answerError(response, 100, 'messaging_product and file are required');
    }
    if (parts.get('type')?.bytes.toString() !== file.mimeType) {
      return answerError(response, 100, 'type is required, and must be that of the file');
    }
    const id = `9${String(++this.sequence).padStart(14, '0')}`;
    this.uploads.push({ id, mimeType: file.mimeType, bytes: file.bytes });
    answerJson(response, 200, { id });
  }

  private resolve(response: ServerResponse, id: string, ownUrl: string): void {
    const file = this.files.get(id);
    if (!file) return answerError(response, 100, `Object with ID '${id}' does not exist`);
    const address = `a${++this.sequence}`;
    this.addresses.set(address, { id, isDead: this.deadAddresses > 0 });
    this.deadAddresses = Math.max(0, this.deadAddresses - 1);
    answerJson(response, 200, {
      messaging_product: 'whatsapp',
      url: `${this.host ?? ownUrl}/files/${address}`,
      mime_type: file.mimeType,
      sha256: createHash('sha256').update(file.bytes).digest('hex'),
      file_size: file.bytes.length,
      id,
    });
  }

  private download(response: ServerResponse, address: string): void {
    const known = this.addresses.get(address);
    const file = known && !known.isDead ? this.files.get(known.id) : undefined;
    if (!file) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': file.mimeType, 'content-length': file.bytes.length }).end(file.bytes);
  }
}

type FormPart = { readonly mimeType: string; readonly bytes: Buffer };

/** The parts of a multipart form by their names. */
export function readForm(body: Buffer, contentType: string): ReadonlyMap<string, FormPart> {
  const boundary = /boundary=([^;]+)/.exec(contentType)?.[1];
  const parts = new Map<string, FormPart>();
  if (!boundary) return parts;
  const mark = Buffer.from(`--${boundary}`);
  for (let at = body.indexOf(mark); at >= 0;) {
    const next = body.indexOf(mark, at + mark.length);
    if (next < 0) break;
    const part = body.subarray(at + mark.length + 2, next - 2);
    const split = part.indexOf('\r\n\r\n');
    const head = part.toString('utf8', 0, split);
    const name = /name="([^"]*)"/.exec(head)?.[1];
    const mimeType = /content-type:\s*(\S+)/i.exec(head)?.[1] ?? 'text/plain';
    if (name !== undefined) parts.set(name, { mimeType, bytes: part.subarray(split + 4) });
    at = next;
  }
  return parts;
}
