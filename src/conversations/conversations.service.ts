import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { MediaNotStoredError } from '../media/media.errors.js';
import { MediaService } from '../media/media.service.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { Page } from '../platform/http/page.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { Wake } from '../platform/wake.js';
import type {
  AcceptedMessage,
  ConversationView,
  ListConversations,
  ListMessages,
  MessagePage,
  MessageView,
  Reply,
} from './conversations.dto.js';
import { getConversation, listConversations } from './conversations.queries.js';
import { handBack } from './handover/hand-back.js';
import { takeOver } from './handover/hand-over.js';
import { appendResume } from './inbox/append-inbox.js';
import { appendOperatorMessage } from './inbox/operator-message.js';
import { listMessages } from './transcript.queries.js';

/** What people do with conversations: look, answer, take over, hand back. */
@Injectable()
export class ConversationsService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly clock: Clock,
    private readonly wake: Wake,
    private readonly media: MediaService,
  ) {}

  list(tenantId: TenantId, query: ListConversations): Promise<Page<ConversationView>> {
    return this.db.transaction(tenantId, (tx) => listConversations(tx, tenantId, query));
  }

  /** @throws ConversationNotFoundError unknown id, or another tenant's */
  get(tenantId: TenantId, id: string): Promise<ConversationView> {
    return this.db.transaction(tenantId, (tx) => getConversation(tx, tenantId, id));
  }

  /** Newest first; older ones by `cursor`, newer ones by `after`. @throws ConversationNotFoundError */
  messages(tenantId: TenantId, id: string, page: ListMessages): Promise<MessagePage> {
    return this.db.transaction(tenantId, async (tx) => {
      const conversation = await getConversation(tx, tenantId, id);
      const messages = await listMessages(tx, tenantId, conversation.id, page);
      return { ...messages, items: messages.items.map((item) => this.linked(item)) };
    });
  }

  private linked(message: MessageView): MessageView {
    const { file } = message;
    return file?.state === 'stored' ? { ...message, file: { ...file, url: this.media.linkTo(file.id) } } : message;
  }

  /**
   * A person's message to the customer; it leaves after everything that is in the conversation already. Who answers
   * from here on does not change.
   *
   * @param key the same key again sends nothing and answers the same id
   * @throws ConversationNotFoundError MediaNotFoundError MediaNotStoredError
   */
  async reply(
    tenantId: TenantId,
    id: string,
    { text = '', content: given }: Reply,
    key: string | null,
  ): Promise<AcceptedMessage> {
    const content = given ?? ({ kind: 'text', text } as const);
    if (content.kind === 'media' && content.mediaId !== undefined) await this.assertFile(tenantId, content.mediaId);
    const inboxId = await this.db.transaction(tenantId, async (tx) => {
      const conversation = await getConversation(tx, tenantId, id);
      return appendOperatorMessage(tx, tenantId, conversation, { kind: 'operator', content, key });
    });
    this.wake.signal('turns');
    return { id: inboxId };
  }

  private async assertFile(tenantId: TenantId, mediaId: string): Promise<void> {
    const { state } = await this.media.get(tenantId, mediaId);
    if (state !== 'stored') throw new MediaNotStoredError(mediaId, state);
  }

  /** The bot falls silent and a person answers. @throws ConversationNotFoundError */
  handOver(tenantId: TenantId, id: string): Promise<ConversationView> {
    return this.db.transaction(tenantId, async (tx) => {
      const conversation = await lockConversation(tx, tenantId, id);
      await takeOver(tx, tenantId, conversation.id, this.clock.now());
      return getConversation(tx, tenantId, conversation.id);
    });
  }

  /**
   * The bot answers again, where the flow says. A parked conversation begins anew: its session is what the flow failed
   * on.
   *
   * @throws ConversationNotFoundError
   */
  async handBack(tenantId: TenantId, id: string): Promise<ConversationView> {
    const view = await this.db.transaction(tenantId, async (tx) => {
      const conversation = await lockConversation(tx, tenantId, id);
      if (conversation.mode === 'human') {
        await handBack(tx, tenantId, conversation);
        await appendResume(tx, tenantId, conversation.id);
      }
      return getConversation(tx, tenantId, conversation.id);
    });
    this.wake.signal('turns');
    return view;
  }
}

/** @throws ConversationNotFoundError */
async function lockConversation(tx: EntityManager, tenantId: TenantId, id: string): Promise<ConversationView> {
  const { id: locked } = await getConversation(tx, tenantId, id);
  await tx.query('select 1 from conversation where tenant_id = $1 and id = $2 for update', [tenantId, locked]);
  return getConversation(tx, tenantId, locked);
}
