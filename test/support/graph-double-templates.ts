import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerError, answerJson } from './graph-double-faults.js';

const PATH = /^\/v\d+\.\d+\/([^/?]+)\/message_templates\?/;
const MAX_LIMIT = 250;

export type DoubleTemplate = Readonly<Record<string, unknown>> & { readonly name: string; readonly language: string };

/** Templates of the Graph double by business account: in pages, with the fields that are asked for and the id. */
export class GraphTemplates {
  readonly byAccount = new Map<string, DoubleTemplate[]>();
  /** Requests for a list. */
  asked = 0;
  /** Answers the next request so: a Graph code. */
  failWith: number | null = null;

  isAbout({ method, url = '' }: IncomingMessage): boolean {
    return method === 'GET' && PATH.test(url);
  }

  answer({ url = '' }: IncomingMessage, response: ServerResponse, ownUrl: string): void {
    this.asked += 1;
    const code = this.failWith;
    this.failWith = null;
    if (code !== null) return answerError(response, code, 'told to fail');
    const all = this.byAccount.get(PATH.exec(url)?.[1] ?? '');
    if (!all) return answerError(response, 100, 'Object does not exist');
    const { searchParams } = new URL(url, ownUrl);
    const limit = Math.min(Number(searchParams.get('limit') ?? 25), MAX_LIMIT);
    const after = searchParams.get('after');
    const from = after === null ? 0 : Number(Buffer.from(after, 'base64').toString());
    if (!Number.isInteger(from)) return answerError(response, 100, 'Invalid cursor');
    const fields = ['id', ...(searchParams.get('fields') ?? 'name,language,status,category').split(',')];
    const data = all
      .slice(from, from + limit)
      .map((template, index) => pickFields({ id: String(from + index), ...template }, fields));
    const cursors = { before: cursorTo(from), after: cursorTo(from + data.length) };
    const next = from + data.length < all.length ? { next: `${ownUrl}${url}` } : {};
    answerJson(response, 200, { data, ...(data.length > 0 && { paging: { cursors, ...next } }) });
  }
}

function cursorTo(index: number): string {
  return Buffer.from(String(index)).toString('base64');
}

function pickFields(template: Readonly<Record<string, unknown>>, fields: readonly string[]): object {
  return Object.fromEntries(Object.entries(template).filter(([key]) => fields.includes(key)));
}
