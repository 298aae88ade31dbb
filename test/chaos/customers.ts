import type { EchoLine } from '../support/echo-shop.js';
import { inboundText, webhookBody, type WebhookPoster } from '../support/graph-double-webhook.js';
import type { ServerProcess } from '../support/server-process.js';

/** One webhook in ten arrives twice: providers promise "at least once". */
const DUPLICATE_SHARE = 0.1;

export type Customer = { readonly from: string; readonly line: EchoLine; readonly texts: readonly string[] };

/** Who writes what: about ten messages each, so that order within a conversation has something to break. */
export function makeCustomers(messages: number, lines: readonly EchoLine[]): Customer[] {
  const people = Math.max(1, Math.ceil(messages / 10));
  return Array.from({ length: people }, (_, person) => {
    const share = Math.floor(messages / people) + (person < messages % people ? 1 : 0);
    const line = lines[person % lines.length];
    if (!line) throw new Error('No line to write to');
    const from = `52155${String(10_000_000 + person)}`;
    return { from, line, texts: Array.from({ length: share }, (_unused, n) => `${from} ${n + 1}`) };
  });
}

/**
 * Writes one person's messages in order: the next one leaves when the one before has its 200, as the order of arrival
 * is what the product promises to keep. Each keeps to one worker: behind a balancer that spreads one person's
 * messages over processes while Postgres is away, there is no order of arrival to keep.
 */
export async function writeAll(
  customer: Customer,
  workers: readonly ServerProcess[],
  poster: WebhookPoster,
  random: () => number,
  paceMs: number,
): Promise<void> {
  const home = workers[Math.floor(random() * workers.length)];
  if (!home) throw new Error('No worker to write to');
  const { from, line, texts } = customer;
  for (const text of texts) {
    const id = `wamid.${text.replace(' ', '-')}`;
    const body = webhookBody({ messages: [inboundText({ phoneNumberId: line.phoneNumberId, from, text, id })] });
    const copies = random() < DUPLICATE_SHARE ? 2 : 1;
    const posts = Array.from({ length: copies }, () => poster.postUntilTaken(`${home.url}/webhooks/official`, body));
    await Promise.all(posts);
    await pause(paceMs * (0.5 + random()));
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
