import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { outboundContentSchema } from '../messages/message-content.js';
import { ChatError, type ChatOptions } from './chat-options.js';

const TIMEOUT_MS = 15_000;
const THROTTLE_WAIT_MS = 1000;

const botMessageSchema = z.object({
  id: z.string(),
  direction: z.literal('out'),
  content: outboundContentSchema,
  delivery: z.enum(['pending', 'sent', 'delivered', 'read', 'failed']),
});
const ownMessageSchema = z.object({ id: z.string(), direction: z.literal('in'), text: z.string() });
const chatSchema = z.object({
  items: z.array(z.discriminatedUnion('direction', [botMessageSchema, ownMessageSchema])),
  isTyping: z.boolean(),
  mode: z.enum(['bot', 'human']).nullable(),
  asOf: z.string(),
});
/** What a customer's phone knows: messages new or changed since it last looked. */
export type Chat = z.infer<typeof chatSchema>;
export type BotMessage = z.infer<typeof botMessageSchema>;
export type Delivery = BotMessage['delivery'];

const botSchema = z.object({ id: z.string(), name: z.string() });
const botPageSchema = z.object({ items: z.array(botSchema) });
const tokenSchema = z.object({ accessToken: z.string() });
const problemSchema = z.object({ detail: z.string() });

/** The simulator's routes, signed in. */
export class ChatClient {
  private token = '';

  private constructor(
    private readonly options: ChatOptions,
    private bot: { readonly id: string; readonly name: string },
  ) {}

  /** @throws ChatError nothing runs there, the sign-in is wrong, or there is no such bot */
  static async open(options: ChatOptions): Promise<ChatClient> {
    const client = new ChatClient(options, { id: '', name: '' });
    await client.signIn();
    client.bot = await client.findBot();
    return client;
  }

  get botName(): string {
    return this.bot.name;
  }

  /** @throws ChatError the server refuses it */
  async say(from: string, message: { text: string; choiceId?: string }): Promise<void> {
    await this.call('POST', `/api/bots/${this.bot.id}/simulator/messages`, { from, ...message });
  }

  /** @param after `asOf` of the reading before; undefined for everything */
  async read(from: string, after: string | undefined): Promise<Chat> {
    const query = new URLSearchParams({ from, ...(after !== undefined && { after }) });
    return chatSchema.parse(await this.call('GET', `/api/bots/${this.bot.id}/simulator/messages?${query.toString()}`));
  }

  private async signIn(): Promise<void> {
    const { email, password, url } = this.options;
    const response = await this.send('POST', '/api/auth/login', { email, password });
    if (response.status === 401) throw new ChatError(`${url} does not know ${email} with this password`);
    this.token = tokenSchema.parse(await bodyOf(response)).accessToken;
  }

  private async findBot(): Promise<{ id: string; name: string }> {
    const { botId } = this.options;
    if (botId !== undefined) return botSchema.parse(await this.call('GET', `/api/bots/${encodeURIComponent(botId)}`));
    const { items } = botPageSchema.parse(await this.call('GET', '/api/bots?limit=1'));
    if (!items[0]) throw new ChatError('There is no bot to talk to yet');
    return items[0];
  }

  /** Signs in again when the token has run out, which it does after 15 minutes. */
  private async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.send(method, path, body);
    if (response.status === 429) {
      await wait(THROTTLE_WAIT_MS);
      return this.call(method, path, body);
    }
    if (response.status !== 401) return bodyOf(response);
    await this.signIn();
    return bodyOf(await this.send(method, path, body));
  }

  private async send(method: string, path: string, body?: unknown): Promise<Response> {
    const { url } = this.options;
    try {
      return await fetch(url + path, {
        method,
        headers: {
          ...(this.token && { authorization: `Bearer ${this.token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (cause) {
      throw new ChatError(
        `Nothing answers at ${url}. Start DashOffice first (npm start), or say where it is with --url.`,
        {
          cause,
        },
      );
    }
  }
}

/** @throws ChatError what the server says against it */
async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  const problem = response.headers.get('content-type')?.includes('json')
    ? problemSchema.safeParse(JSON.parse(text))
    : null;
  throw new ChatError(problem?.success ? problem.data.detail : `The server answered ${response.status}`);
}
