import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { BotsService } from '../bots/bots.service.js';
import { IngestService, type ReceivedEvent } from '../conversations/inbox/ingest.service.js';
import { asTenantId } from '../platform/tenancy/tenant-id.js';
import { PathPool } from '../platform/database/path-pool.js';
import { ConnectionDirectory } from '../connections/connection-directory.service.js';
import { ProviderFactory } from '../providers/provider.factory.js';

const AT_A_TIME = 8;
/** Beyond it the oldest are left unmarked: late marks are worth nothing. */
const MAX_WAITING = 500;
const TIMEOUT_MS = 5_000;
/** What comes out of a spool, or came late, is not being read just now. */
const MAX_AGE_MS = 60_000;
/** No answer is being written to these. */
const SILENT = new Set(['reaction', 'system', 'edit', 'revoke', 'unsupported']);

/**
 * Marks what a customer wrote as read and shows that the bot is writing, for bots that want it and while the bot has the
 * conversation: what a person has not read stays unread. Best effort, beside the message path and never in its way: a
 * mark that fails, or waits for too long, is not made.
 */
@Injectable()
export class ReadMarks implements OnModuleInit {
  private readonly logger = new Logger(ReadMarks.name);
  /** The newest message of each chat, oldest chat first. */
  private readonly waiting = new Map<string, ReceivedEvent>();
  private running = 0;

  constructor(
    private readonly ingest: IngestService,
    private readonly path: PathPool,
    private readonly connections: ConnectionDirectory,
    private readonly providers: ProviderFactory,
    private readonly bots: BotsService,
  ) {}

  onModuleInit(): void {
    this.ingest.onStored((events) => this.take(events));
  }

  private take(events: readonly ReceivedEvent[]): void {
    const now = Date.now();
    for (const event of events) {
      const { isOwn, groupId, content, providerAt } = event;
      const isAnswered = !isOwn && groupId === undefined && !content.isPlaceholder && !SILENT.has(content.type);
      if (!isAnswered || now - providerAt.getTime() > MAX_AGE_MS) continue;
      const chat = `${event.connectionId} ${event.address}`;
      this.waiting.delete(chat);
      this.waiting.set(chat, event);
    }
    for (const chat of this.waiting.keys()) {
      if (this.waiting.size <= MAX_WAITING) break;
      this.waiting.delete(chat);
    }
    while (this.running < AT_A_TIME && this.waiting.size > 0) void this.run();
  }

  private async run(): Promise<void> {
    this.running += 1;
    for (const [chat, event] of this.waiting) {
      this.waiting.delete(chat);
      try {
        if (await this.isWanted(event)) await this.mark(event);
      } catch (error) {
        this.logger.debug({ err: error, connectionId: event.connectionId }, 'a message was not marked read');
      }
    }
    this.running -= 1;
  }

  private async isWanted({ tenantId, botId, identities }: ReceivedEvent): Promise<boolean> {
    const { readReceipts, isActive } = await this.bots.settingsOf(asTenantId(tenantId), botId);
    if (!readReceipts || !isActive) return false;
    const rows = await this.path.query<{ mode: string }>(
      `select c.mode from contact_identity i join conversation c on c.bot_id = $2 and c.contact_id = i.contact_id
        where i.tenant_id = $1 and i.value = any($3::text[]) limit 1`,
      [tenantId, botId, identities],
    );
    return rows[0]?.mode === 'bot';
  }

  private async mark({ connectionId, address, phone, providerMessageId }: ReceivedEvent): Promise<void> {
    const connection = await this.connections.find(connectionId);
    if (!connection?.account || connection.isPaused) return;
    const mark = { to: { address, phone }, providerMessageId, isTyping: true };
    await this.providers.get(connection.provider).markRead?.(connection.account, mark, AbortSignal.timeout(TIMEOUT_MS));
  }
}
