import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runChat } from './chat-run.js';

type Out = { id: string; direction: 'out'; content: object; delivery: string };
type Talk = { items: Out[]; said: object[]; looks: number };

/** The server's side of the simulator: answers every message with what was said and two buttons. */
class FakeServer {
  readonly talks = new Map<string, Talk>();
  tokens = 0;
  /** Calls a token is good for. */
  callsPerToken = Infinity;
  private callsLeft = 0;
  private server: Server | null = null;

  async open(): Promise<string> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>) : {};
        const [status, answer] = this.answer(request.method ?? '', request.url ?? '', body);
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.server?.close(resolve));
  }

  private answer(method: string, url: string, body: Record<string, string>): [number, object] {
    const { pathname, searchParams } = new URL(url, 'http://x');
    if (pathname === '/api/auth/login') {
      if (body.password !== 'good') return [401, { detail: 'no' }];
      this.tokens += 1;
      this.callsLeft = this.callsPerToken;
      return [200, { accessToken: `t${this.tokens}` }];
    }
    this.callsLeft -= 1;
    if (this.callsLeft < 0) return [401, { detail: 'expired' }];
    if (pathname === '/api/bots') return [200, { items: [{ id: 'b1', name: 'Barista' }] }];
    if (pathname === '/api/bots/b1') return [200, { id: 'b1', name: 'Barista' }];
    if (pathname !== '/api/bots/b1/simulator/messages') return [404, { detail: 'There is no bot' }];
    const talk = this.talkOf(method === 'POST' ? (body.from ?? '') : (searchParams.get('from') ?? ''));
    return method === 'POST' ? this.hear(talk, body) : this.show(talk);
  }

  private talkOf(from: string): Talk {
    const talk = this.talks.get(from) ?? { items: [], said: [], looks: 0 };
    this.talks.set(from, talk);
    return talk;
  }

  private hear(talk: Talk, { text, choiceId }: Record<string, string>): [number, object] {
    if (text === 'boom') return [422, { detail: 'Not like this' }];
    talk.said.push(choiceId === undefined ? { text } : { text, choiceId });
    talk.looks = 0;
    return [202, { id: 'x' }];
  }

  /** The answer comes at the second look, read receipts two looks later. */
  private show(talk: Talk): [number, object] {
    talk.looks += 1;
    const isDue = talk.looks >= 2;
    const last = talk.said.at(-1) as { text: string } | undefined;
    if (isDue && last && talk.items.length < talk.said.length) {
      const options = [
        { id: 'si', title: 'Sí' },
        { id: 'no', title: 'No' },
      ];
      const content = { kind: 'choices', text: `Dijiste ${last.text}`, options };
      talk.items.push({ id: `out.${talk.items.length}`, direction: 'out', content, delivery: 'sent' });
    }
    const items = talk.looks >= 4 ? talk.items.map((item) => ({ ...item, delivery: 'read' })) : talk.items;
    return [200, { items, isTyping: !isDue && last !== undefined, mode: 'bot', asOf: '2030-01-01T00:00:00.000Z' }];
  }
}

describe('npm run chat, from a pipe', () => {
  let server: FakeServer;
  let url: string;
  beforeEach(async () => {
    server = new FakeServer();
    url = await server.open();
  });
  afterEach(() => server.close());

  async function chat(lines: string[], flags: string[] = [], password = 'good'): Promise<string> {
    const output = new PassThrough();
    const chunks: Buffer[] = [];
    output.on('data', (chunk: Buffer) => chunks.push(chunk));
    const args = ['--url', url, '--email', 'a@b.test', '--password', password, ...flags];
    const input = Readable.from(lines.map((line) => `${line}\n`));
    await runChat(args, { DATA_DIR: '/nonexistent' }, { input, output });
    return Buffer.concat(chunks).toString();
  }

  it('says line after line, each after the answer to the one before, and chooses by number', async () => {
    const printed = await chat(['hola', '2', '/quit', 'nunca']);
    expect(server.talks.get('+525511111111')?.said).toEqual([{ text: 'hola' }, { text: 'No', choiceId: 'no' }]);
    const lines = printed.split('\n');
    const order = ['> hola', 'Barista: Dijiste hola', '    2. No', '> 2', 'Barista: Dijiste No', '  ✓✓ read'];
    const places = order.map((words) => lines.findIndex((line) => line.endsWith(words)));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  it('is several customers at once, each with its own choices', async () => {
    const flags = ['--bot', 'b1', '--from', '+525500000001', '--from', '+525500000002'];
    const printed = await chat(['hola', '/2 buenas', '1', '/1', '2', '/9 nadie', '/baile'], flags);
    expect(server.talks.get('+525500000001')?.said).toEqual([{ text: 'hola' }, { text: 'No', choiceId: 'no' }]);
    expect(server.talks.get('+525500000002')?.said).toEqual([{ text: 'buenas' }, { text: 'Sí', choiceId: 'si' }]);
    expect(printed).toContain('2| Barista: Dijiste buenas');
    expect(printed).toContain('There is no customer 9: there are 2');
    expect(printed).toContain('There is no /baile');
  });

  it('signs in again when the token has run out', async () => {
    server.callsPerToken = 2;
    await chat(['hola']);
    expect(server.tokens).toBeGreaterThan(1);
    expect(server.talks.get('+525511111111')?.said).toEqual([{ text: 'hola' }]);
  });

  it('tells what the server has against a message', async () => {
    await expect(chat(['boom'])).rejects.toThrow('Not like this');
  });

  it('says that the password is wrong', async () => {
    await expect(chat([], [], 'bad')).rejects.toThrow('does not know a@b.test with this password');
  });

  it('says that there is no such bot', async () => {
    await expect(chat([], ['--bot', 'b7'])).rejects.toThrow('There is no bot');
  });

  it('says how to start the server when none is running', async () => {
    await server.close();
    await expect(chat(['hola'])).rejects.toThrow(/Nothing answers at .*npm start/);
    await server.open();
  });

  it('is a chat on a terminal: answers arrive by themselves, and what is refused is told', async () => {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const output = new PassThrough();
    let printed = '';
    const shown = (words: string) =>
      new Promise<void>((resolve) => {
        const look = () => printed.includes(words) && resolve();
        output.on('data', look);
        look();
      });
    output.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const args = ['--url', url, '--email', 'a@b.test', '--password', 'good'];
    const talk = runChat(args, { DATA_DIR: '/nonexistent' }, { input, output });
    await shown('[+525511111111] >');
    input.write('hola\n');
    await shown('Barista: Dijiste hola');
    await shown('✓✓ read');
    input.write('boom\n');
    await shown('! Not like this');
    input.write('/quit\n');
    await talk;
    expect(server.talks.get('+525511111111')?.said).toEqual([{ text: 'hola' }]);
  });

  it('explains itself', async () => {
    expect(await chat([], ['--help'])).toContain('/quit leaves');
  });
});
