import { parseArgs } from 'node:util';
import { z } from 'zod';
import { readDemoSignIn } from '../demo/demo-sign-in.js';

/** What the person at the terminal did wrong, in words for them; ends the program without a stack. */
export class ChatError extends Error {
  override readonly name = 'ChatError';
}

export const USAGE = `npm run chat -- [--from +525511111111]… [--bot ID] [--url http://127.0.0.1:4009] [--email E --password P]

Talk to a bot as a customer, through the simulator. Type a number to choose a button or a list entry.
  --from      the customer's number, E.164; repeat it to be several customers at once
  --bot       which bot; by default the demo's, else the tenant's first
  --url       where DashOffice runs; by default what the last start wrote down, else http://127.0.0.1:4009
  --email, --password   a user who may use the simulator; by default the demo's (DATA_DIR/demo-sign-in.json)
While chatting: /1 /2 … switch customer, "/2 hola" says it as customer 2, /quit leaves.`;

export type ChatOptions = {
  readonly url: string;
  readonly email: string;
  readonly password: string;
  readonly botId: string | undefined;
  /** Customers' numbers, E.164, at least one. */
  readonly customers: readonly string[];
};

const phone = z.e164({ error: 'a --from must be a number such as +525511111111' });

/** @throws ChatError a flag is unknown or wrong, or nothing says how to sign in */
export async function readChatOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<ChatOptions> {
  const flags = parse(args);
  const customers = z.array(phone).safeParse(flags.from ?? ['+525511111111']);
  if (!customers.success) throw new ChatError(customers.error.issues[0]?.message ?? 'a --from is wrong');
  const known = await readDemoSignIn(env.DATA_DIR || '.data');
  const signIns = [{ email: flags.email, password: flags.password }, known, adminOf(env)].filter((one) => one?.email);
  const email = signIns[0]?.email;
  const password = signIns.find((one) => one?.email === email && one?.password)?.password;
  if (!email || !password) {
    throw new ChatError(
      'Nobody to sign in as: give --email and --password. (The first start on the embedded default writes them down.)',
    );
  }
  const url = flags.url ?? known?.url ?? `http://127.0.0.1:${env.PORT || '4009'}`;
  return {
    url: url.replace(/\/+$/, ''),
    email,
    password,
    botId: flags.bot ?? known?.botId ?? undefined,
    customers: [...new Set(customers.data)],
  };
}

function adminOf(env: Readonly<Record<string, string | undefined>>) {
  return { email: env.ADMIN_EMAIL, password: env.ADMIN_PASSWORD };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        from: { type: 'string', multiple: true },
        bot: { type: 'string' },
        url: { type: 'string' },
        email: { type: 'string' },
        password: { type: 'string' },
      },
    }).values;
  } catch (cause) {
    throw new ChatError(`${cause instanceof Error ? cause.message : 'Wrong flags'}\n\n${USAGE}`, { cause });
  }
}
