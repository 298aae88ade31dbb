import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../../platform/clock.js';
import type { Page } from '../../platform/http/page.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { ProviderFactory } from '../../providers/provider.factory.js';
import type { ProviderTemplate, TemplateAnswer } from '../../providers/whatsapp-provider.js';
import { ConnectionDirectory, type PathConnection } from '../connection-directory.service.js';
import { ConnectionNotFoundError } from '../connection.errors.js';
import { type TemplateState, TemplateStates } from './template-states.js';
import {
  AccountUnknownError,
  TemplatesRefusedError,
  TemplatesUnavailableError,
  TemplatesUnsupportedError,
} from './templates.errors.js';
import type { ListTemplates, TemplateView } from './templates.dto.js';

const ANSWER_TIMEOUT_MS = 10_000;
const FRESH_MS = 30_000;
/** A page is an answer of 256 KB at most. */
const MAX_PAGES = 50;

type Listed = { readonly askedAt: Date; readonly page: Page<ProviderTemplate> };

/** Templates as the provider lists them now. */
@Injectable()
export class TemplateList {
  private readonly pages = new LRUCache<string, Listed>({ max: MAX_PAGES });

  constructor(
    private readonly connections: ConnectionDirectory,
    private readonly factory: ProviderFactory,
    private readonly states: TemplateStates,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws ConnectionNotFoundError unknown id, another bot's, or another tenant's
   * @throws TemplatesUnsupportedError AccountUnknownError TemplatesRefusedError TemplatesUnavailableError
   */
  async list(tenantId: TenantId, botId: string, id: string, query: ListTemplates): Promise<Page<TemplateView>> {
    const connection = await this.connections.find(id);
    if (connection?.tenantId !== tenantId || connection.botId !== botId) throw new ConnectionNotFoundError(id);
    const accountId = connection.account?.credentials['wabaId'];
    const key = JSON.stringify([id, accountId, query]);
    const listed = this.pages.get(key);
    const isFresh = listed && this.clock.now().getTime() - listed.askedAt.getTime() < FRESH_MS;
    const { page, askedAt } = isFresh ? listed : await this.ask(connection, query);
    this.pages.set(key, { page, askedAt });
    const names = page.items.map(({ name }) => name);
    const known = await this.states.findAll(tenantId, accountId ?? '', names);
    return { ...page, items: page.items.map((template) => toView(template, known, askedAt)) };
  }

  private async ask(
    { tenantId, connectionId, provider, account }: PathConnection,
    query: ListTemplates,
  ): Promise<Listed> {
    const strategy = this.factory.get(provider);
    if (!strategy.listTemplates) throw new TemplatesUnsupportedError(provider);
    if (!account) throw new TemplatesRefusedError('CREDENTIALS_UNREADABLE', 'enter the credentials again');
    const accountId = account.credentials['wabaId'];
    if (!accountId) throw new AccountUnknownError();
    const askedAt = this.clock.now();
    const answer = await strategy.listTemplates(account, query, AbortSignal.timeout(ANSWER_TIMEOUT_MS));
    if (!answer.ok) throw toError(answer);
    const { items, nextCursor } = answer;
    await this.connections.noteAccount(connectionId, accountId);
    await this.states.refresh(tenantId, accountId, items, askedAt);
    return { askedAt, page: { items: [...items], nextCursor } };
  }
}

function toError({ class: rejection, code, reason }: Extract<TemplateAnswer, { ok: false }>): Error {
  const isPassing = rejection === 'retry' || rejection === 'rate';
  return isPassing ? new TemplatesUnavailableError(code, reason) : new TemplatesRefusedError(code, reason);
}

/** What was told by a notice since the list was asked for is newer than the list. */
function toView(template: ProviderTemplate, known: readonly TemplateState[], askedAt: Date): TemplateView {
  const { name, language } = template;
  const state = known.find((one) => one.name === name && one.language === language);
  const view = { ...template, noticedAt: state?.noticedAt.toISOString() ?? null };
  if (!state || state.noticedAt < askedAt) return view;
  const { status, quality, category, reason } = state;
  return {
    ...view,
    status: status ?? template.status,
    quality: quality ?? template.quality,
    category: category ?? template.category,
    reason: status === null ? template.reason : reason,
  };
}
