import type { ServerResponse } from 'node:http';
import { isRecord } from './evolution-double-rules.js';
import { answerJson } from './graph-double-faults.js';

/** What the Evolution double does beside sending: files, read marks, presence. */
export class EvolutionChat {
  /** Files of customers by message id. */
  readonly files = new Map<string, { readonly mimeType: string; readonly bytes: Buffer }>();
  readonly reads: unknown[] = [];
  readonly presences: unknown[] = [];
  /** Bytes of the next answers with a file after which they break off, one each. */
  cutFiles: number[] = [];

  /** @returns whether it is one of its routes */
  answer(response: ServerResponse, operation: string, body: unknown, refuse: Refuse): boolean {
    switch (operation) {
      case 'markMessageAsRead': {
        const list = isRecord(body) ? body['readMessages'] : undefined;
        if (!Array.isArray(list)) refuse(response, 400, ['requires property "readMessages"']);
        else {
          // Entries by hidden id are skipped, as the server does.
          this.reads.push(...list.filter((entry) => !String(entry.remoteJid).endsWith('@lid')));
          answerJson(response, 201, { message: 'Read messages', read: 'success' });
        }
        return true;
      }
      case 'sendPresence':
        this.presences.push(body);
        answerJson(response, 201, { presence: isRecord(body) ? body['presence'] : null });
        return true;
      case 'getBase64FromMediaMessage':
        this.open(response, body, refuse);
        return true;
      default:
        return false;
    }
  }

  private open(response: ServerResponse, body: unknown, refuse: Refuse): void {
    const message = isRecord(body) && isRecord(body['message']) ? body['message'] : {};
    const id = isRecord(message['key']) ? message['key']['id'] : undefined;
    const file = typeof id === 'string' ? this.files.get(id) : undefined;
    if (!file) return refuse(response, 400, ['Message not found']);
    const { mimeType: mimetype, bytes } = file;
    const answer = { mediaType: 'imageMessage', fileName: 'x', size: { fileLength: bytes.length }, mimetype };
    const text = JSON.stringify({ ...answer, base64: bytes.toString('base64'), buffer: null });
    const cut = this.cutFiles.shift();
    if (cut === undefined) return void response.writeHead(201, { 'content-type': 'application/json' }).end(text);
    response.writeHead(201, { 'content-length': text.length });
    response.write(text.slice(0, cut), () => response.socket?.resetAndDestroy());
  }
}

type Refuse = (response: ServerResponse, status: number, message: unknown) => void;
