import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '../errors/app-error.js';
import { toProblem } from './problem.filter.js';

/** What Node's parser says of a request, by its code: whatever else is wrong is a 400. */
const REFUSALS: Readonly<Record<string, readonly [number, string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request_timeout', 'The request did not come in time'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'payload_too_large', 'The extensions of a chunk are longer than 16 KB'],
  HPE_HEADER_OVERFLOW: [431, 'request_header_fields_too_large', 'Address and headers are longer than 16 KB'],
};

type ParserError = Error & { readonly code?: string };

/** Answers what cannot be read as HTTP in our form. No route is reached, so that it is written to the socket itself. */
export function answerUnreadable(headers: Readonly<Record<string, string>>) {
  return (error: ParserError, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    if (socket.writable && !isAnswering(socket)) socket.write(answerTo(error, headers));
    socket.destroySoon();
  };
}

function answerTo({ code: reason = '' }: ParserError, common: Readonly<Record<string, string>>): string {
  const [status, code, detail] = REFUSALS[reason] ?? [400, 'bad_request', 'This is not HTTP'];
  const id = randomUUID();
  const body = JSON.stringify(toProblem(new AppError(code, status, detail), id));
  const headers = {
    ...common,
    'x-request-id': id,
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n');
}

/** Half an answer is out already: another one behind it would be taken for its body. Node's own handler looks here too. */
function isAnswering(socket: Socket): boolean {
  const response: Pick<ServerResponse, 'headersSent'> | null | undefined = Reflect.get(socket, '_httpMessage');
  return response?.headersSent === true;
}
