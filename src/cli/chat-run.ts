import { createInterface } from 'node:readline/promises';
import { clearLine, cursorTo, type Interface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { ChatClient } from './chat-client.js';
import { ChatError, readChatOptions, USAGE } from './chat-options.js';
import { ChatSession } from './chat-session.js';

/** A bot that has said nothing new for this long after a line has nothing to say. */
const ANSWER_TIMEOUT_MS = 30_000;
/** Read receipts come a little later than the answer. */
const TICKS_TIMEOUT_MS = 5_000;
const POLL_MS = 250;
const HELP = 'Type a number to choose, anything else to say it. /1 /2 … switch customer, /quit leaves.';

export type Terminal = {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
};

/**
 * The whole program: signs in, then talks. From a terminal it is a chat; from a pipe it says line after line, each
 * once the answer to the one before is complete, and prints the talk.
 *
 * @throws ChatError what the person has to put right
 */
export async function runChat(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  terminal: Terminal,
): Promise<void> {
  const say = (line: string) => void terminal.output.write(`${line}\n`);
  if (args.includes('--help') || args.includes('-h')) return say(USAGE);
  const options = await readChatOptions(args, env);
  const client = await ChatClient.open(options);
  say(`Talking to ${client.botName} at ${options.url} as ${options.customers.join(', ')}. ${HELP}`);
  if (terminal.input.isTTY) await chatLive(client, options.customers, terminal);
  else await chatPiped(client, options.customers, { terminal, say });
}

async function chatPiped(
  client: ChatClient,
  customers: readonly string[],
  { terminal, say }: { terminal: Terminal; say: (line: string) => void },
): Promise<void> {
  const session = new ChatSession(client, customers, say);
  await session.open();
  for await (const line of createInterface({ input: terminal.input })) {
    if (line.trim() === '/quit') break;
    if (line.trim() !== '') say(`${session.prompt}${line}`);
    const customer = await session.take(line);
    if (!customer) continue;
    const isAnswered = await session.settle(customer, { timeoutMs: ANSWER_TIMEOUT_MS, ticks: false });
    if (!isAnswered) throw new ChatError(`${client.botName} did not finish answering in ${ANSWER_TIMEOUT_MS / 1000} s`);
  }
  await session.settleAll(TICKS_TIMEOUT_MS);
}

async function chatLive(client: ChatClient, customers: readonly string[], { input, output }: Terminal): Promise<void> {
  const lines = createInterface({ input, output, terminal: true });
  const print = (line: string) => {
    cursorTo(output, 0);
    clearLine(output, 0);
    output.write(`${line}\n`);
    lines.prompt(true);
  };
  const session = new ChatSession(client, customers, print);
  await session.open();
  const stop = new AbortController();
  const news = keepLooking(session, { lines, print, signal: stop.signal });
  lines.setPrompt(session.prompt);
  lines.prompt();
  for await (const line of lines) {
    if (line.trim() === '/quit') break;
    await session.take(line).catch((error: unknown) => print(`! ${reasonOf(error)}`));
    lines.setPrompt(session.prompt);
    lines.prompt();
  }
  stop.abort();
  lines.close();
  await news;
}

/** News arrives while the person is typing: the half-typed line is put back below it. */
async function keepLooking(
  session: ChatSession,
  { lines, print, signal }: { lines: Interface; print: (line: string) => void; signal: AbortSignal },
): Promise<void> {
  let trouble = '';
  while (!signal.aborted) {
    try {
      await session.look();
      trouble = '';
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== trouble) print(`! ${reason}`);
      trouble = reason;
    }
    if (lines.getPrompt() !== session.prompt && !signal.aborted) {
      lines.setPrompt(session.prompt);
      lines.prompt(true);
    }
    await wait(POLL_MS);
  }
}

/** @throws error when it is a bug of ours and not something to tell */
function reasonOf(error: unknown): string {
  if (error instanceof ChatError) return error.message;
  throw error;
}
