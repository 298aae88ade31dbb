import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A bucket of S3 over a real socket, as far as files need it: put, parts, get with a range, delete. */
export async function startS3Double(): Promise<S3Double> {
  const double = new S3Double();
  await double.listen();
  return double;
}

type Upload = { readonly key: string; readonly parts: Map<number, Buffer> };

export class S3Double {
  readonly objects = new Map<string, Buffer>();
  /** Uploads in parts that were neither finished nor taken back. */
  readonly open = new Map<string, Upload>();
  /** `METHOD path` of every request, in order. */
  readonly requests: string[] = [];
  /** Answers the next requests so, one each. */
  failNext: number[] = [];
  private readonly server: Server = createServer((request, response) => this.receive(request, response));

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {}); // the client went away: nobody is left to answer
    request.on('end', () => {
      const url = new URL(request.url ?? '', this.url);
      this.requests.push(`${request.method} ${url.pathname}`);
      const status = this.failNext.shift();
      if (status) return answer(response, status, '<Error><Code>AccessDenied</Code></Error>');
      if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=')) {
        return answer(response, 403, '<Error><Code>AccessDenied</Code></Error>');
      }
      this.answer(request, response, url, bodyOf(request, Buffer.concat(chunks)));
    });
  }

  private answer(request: IncomingMessage, response: ServerResponse, url: URL, body: Buffer): void {
    const key = decodeURIComponent(url.pathname.slice(1));
    const query = url.searchParams;
    const upload = this.open.get(query.get('uploadId') ?? '');
    switch (request.method) {
      case 'POST':
        return query.has('uploads') ? this.begin(response, key) : this.finish(response, query.get('uploadId') ?? '');
      case 'PUT':
        if (query.has('partNumber')) upload?.parts.set(Number(query.get('partNumber')), body);
        else this.objects.set(key, body);
        return answer(response, query.has('partNumber') && !upload ? 404 : 200, '', { etag: `"${body.length}"` });
      case 'DELETE':
        if (query.has('uploadId')) this.open.delete(query.get('uploadId') ?? '');
        else this.objects.delete(key);
        return answer(response, 204, '');
      default:
        return this.get(request, response, key);
    }
  }

  private begin(response: ServerResponse, key: string): void {
    const id = randomUUID();
    this.open.set(id, { key, parts: new Map() });
    answer(response, 200, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
  }

  private finish(response: ServerResponse, id: string): void {
    const upload = this.open.get(id);
    if (!upload) return answer(response, 404, '<Error><Code>NoSuchUpload</Code></Error>');
    const parts = [...upload.parts].toSorted(([a], [b]) => a - b).map(([, part]) => part);
    this.objects.set(upload.key, Buffer.concat(parts));
    this.open.delete(id);
    answer(response, 200, '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>');
  }

  private get(request: IncomingMessage, response: ServerResponse, key: string): void {
    const object = this.objects.get(key);
    if (!object) return answer(response, 404, '<Error><Code>NoSuchKey</Code></Error>');
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (start === undefined || end === undefined) return void response.writeHead(200).end(object);
    response.writeHead(206).end(object.subarray(Number(start), Number(end) + 1));
  }
}

/** A stream is sent in signed chunks: `size;chunk-signature=…\r\n data \r\n`, and checksums behind them. */
function bodyOf({ headers }: IncomingMessage, raw: Buffer): Buffer {
  if (!headers['content-encoding']?.includes('aws-chunked')) return raw;
  const parts: Buffer[] = [];
  for (let at = 0; at < raw.length;) {
    const lineEnd = raw.indexOf('\r\n', at);
    const size = Number.parseInt(raw.toString('latin1', at, lineEnd), 16);
    if (!size) break;
    parts.push(raw.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(parts);
}

function answer(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(body);
}
