import { pick, type Span } from './graph-double-faults.js';
import { webhookBody, type WebhookPoster } from './graph-double-webhook.js';

export type EchoedStatus = 'sent' | 'delivered' | 'read' | 'failed';

export type EchoOptions = {
  /** Where our webhook is; without it nothing is told. */
  readonly callbackUrl: string;
  /** Default sent, delivered, read; told in the order given, which may depend on the message. */
  readonly sequence?: readonly EchoedStatus[] | ((message: EchoedMessage) => readonly EchoedStatus[]);
  /** Before the first status; default 20. */
  readonly delayMs?: Span;
  /** Between one status and the next; default 20. */
  readonly stepMs?: Span;
  /** Meta's code in a `failed`; default 131026, of somebody who cannot be reached. */
  readonly failureCode?: number;
  /** Share of messages nothing is ever told of. */
  readonly lossRate?: number;
  /** Share of posts that are made twice. */
  readonly duplicateRate?: number;
  /** Shuffles the statuses inside each post. */
  readonly isShuffled?: boolean;
  /** Leaves `biz_opaque_callback_data` out. */
  readonly isAnonymous?: boolean;
};

export type EchoedMessage = {
  readonly phoneNumberId: string;
  readonly wamid: string;
  readonly to: string;
  readonly outboxId: string | null;
};

const MAX_BATCH = 500;
const MAX_POSTS = 8;

/** Tells statuses the way Meta does: late, in batches, again until they are taken. */
export class StatusEcho {
  private queue: { phoneNumberId: string; status: object }[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
  private posts = 0;
  private isStopped = false;

  constructor(
    private readonly poster: WebhookPoster,
    private readonly options: EchoOptions,
    private readonly random: () => number,
  ) {}

  /** Statuses not yet taken by the webhook. */
  get open(): number {
    return this.queue.length + this.timers.size + this.posts;
  }

  follow(message: EchoedMessage): void {
    const { sequence = ['sent', 'delivered', 'read'], delayMs = 20, stepMs = 20, lossRate = 0 } = this.options;
    if (this.random() < lossRate) return;
    let atMs = pick(delayMs, this.random);
    for (const status of typeof sequence === 'function' ? sequence(message) : sequence) {
      const timer = setTimeout(() => {
        this.timers.delete(timer);
        this.tell(message, status);
      }, atMs);
      this.timers.add(timer);
      atMs += pick(stepMs, this.random);
    }
  }

  stop(): void {
    this.isStopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.queue = [];
  }

  private tell({ phoneNumberId, wamid, to, outboxId }: EchoedMessage, status: string): void {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const data = outboxId === null || this.options.isAnonymous ? {} : { biz_opaque_callback_data: outboxId };
    const { failureCode: code = 131026 } = this.options;
    const failure = status === 'failed' ? { errors: [{ code, title: 'Message undeliverable' }] } : {};
    const recipient = to.startsWith('+') ? { recipient_id: to.slice(1) } : { recipient_user_id: to };
    this.queue.push({ phoneNumberId, status: { id: wamid, status, timestamp, ...recipient, ...data, ...failure } });
    this.flush();
  }

  private flush(): void {
    if (this.isStopped || this.posts >= MAX_POSTS || this.queue.length === 0) return;
    const statuses = this.queue.splice(0, MAX_BATCH);
    if (this.options.isShuffled) statuses.sort(() => this.random() - 0.5);
    const body = webhookBody({ statuses });
    const copies = this.random() < (this.options.duplicateRate ?? 0) ? 2 : 1;
    this.posts++;
    void this.post(body, copies);
  }

  /** Every status of a batch is taken before the next batch takes its place. */
  private async post(body: object, copies: number): Promise<void> {
    const { callbackUrl } = this.options;
    await Promise.allSettled(Array.from({ length: copies }, () => this.poster.postUntilTaken(callbackUrl, body)));
    this.posts--;
    this.flush();
  }
}
