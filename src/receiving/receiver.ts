import { setTimeout as wait } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { ConnectionDirectory } from '../connections/connection-directory.service.js';
import { ConnectionNotFoundError } from '../connections/connection.errors.js';
import { IngestService, type IngestEvent } from '../conversations/inbox/ingest.service.js';
import type { StatusUpdate } from '../delivery/statuses/delivery-status.service.js';
import { KeptStatuses } from '../delivery/statuses/kept-statuses.service.js';
import { Notices } from './notices.js';
import type { Received, ReceivedWebhook, WebhookAdapter } from './received.js';
import { ReceivingMetrics } from './receiving.metrics.js';
import { BadWebhookSignatureError } from './webhook.errors.js';

const STRANGERS_NAMED = 10;

/** The one way in from a provider: what was proved and read becomes durable, is counted, and changes what it changes. */
@Injectable()
export class Receiver {
  private readonly logger = new Logger(Receiver.name);

  constructor(
    private readonly connections: ConnectionDirectory,
    private readonly inbox: IngestService,
    private readonly statuses: KeptStatuses,
    private readonly notices: Notices,
    private readonly metrics: ReceivingMetrics,
  ) {}

  /**
   * One POST. Resolves when all of it is durable (INV-1). Parts for strangers are acknowledged and dropped, or the
   * provider would repeat the whole for days.
   *
   * @throws what the adapter throws
   * @throws whatever kept a part from being stored; the provider then delivers again, and what was stored counts once
   */
  async receive<Post>(adapter: WebhookAdapter<Post>, post: Post): Promise<void> {
    const { provider } = adapter;
    const webhook = await this.read(adapter, post);
    this.noteStrangers(provider, webhook);
    await this.keep(provider, webhook, webhook.statusPatienceMs);
    for (const notice of webhook.notices) await this.notices.take(notice);
    this.metrics.count(provider, 'notice', webhook.notices.length);
    await Promise.all(webhook.connections.map((connection) => this.connections.noteSignOfLife(connection)));
  }

  /**
   * Messages are handed over in the tick that calls, unless statuses come with them by which ours are recognised.
   *
   * @param statusPatienceMs statuses that match nothing are tried once more after so long
   */
  async keep(provider: string, { events, statuses, receivedAt }: Received, statusPatienceMs = 0): Promise<void> {
    const [acceptances, reports] = [statuses.filter(({ said }) => said), statuses.filter(({ said }) => !said)];
    await Promise.all([this.keepEvents(events, acceptances), this.keepStatuses(provider, reports, statusPatienceMs)]);
    const inGroups = events.filter(({ groupId }) => groupId !== undefined).length;
    const own = events.filter(({ groupId, isOwn }) => isOwn && groupId === undefined).length;
    this.metrics.count(provider, 'message', events.length - inGroups - own);
    this.metrics.count(provider, 'group_message', inGroups);
    this.metrics.count(provider, 'echo', own);
    for (const { connectionId, providerAt } of events)
      this.metrics.measureLag(provider, connectionId, providerAt, receivedAt);
    for (const { connectionId, at } of reports) this.metrics.measureLag(provider, connectionId, at, receivedAt);
  }

  private async read<Post>(adapter: WebhookAdapter<Post>, post: Post): Promise<ReceivedWebhook> {
    try {
      return await adapter.read(post);
    } catch (error) {
      const { provider } = adapter;
      if (error instanceof ConnectionNotFoundError) this.metrics.count(provider, 'unknown_number', 1);
      if (error instanceof BadWebhookSignatureError) {
        this.metrics.count(provider, 'refused', 1);
        if (error.tried) this.logger.warn({ provider, ...error.tried }, 'a webhook was refused by its signature');
      }
      throw error;
    }
  }

  /** Ours first: what is not known to be ours is taken for another program's. */
  private async keepEvents(events: readonly IngestEvent[], acceptances: readonly StatusUpdate[]): Promise<void> {
    if (acceptances.length > 0) await this.statuses.apply(acceptances);
    if (events.length > 0) await this.inbox.ingest(events);
  }

  private async keepStatuses(provider: string, reports: readonly StatusUpdate[], patienceMs: number): Promise<void> {
    if (reports.length === 0) return;
    let { matched } = await this.statuses.apply(reports);
    if (matched === 0 && patienceMs > 0) {
      await wait(patienceMs);
      ({ matched } = await this.statuses.apply(reports));
    }
    this.metrics.count(provider, 'status', matched);
    this.metrics.count(provider, 'status_unmatched', reports.length - matched);
  }

  private noteStrangers(provider: string, { strangers }: ReceivedWebhook): void {
    if (strangers.length === 0) return;
    this.metrics.count(provider, 'unknown_number', strangers.length);
    this.logger.warn(
      { provider, parts: strangers.length, strangers: [...new Set(strangers)].slice(0, STRANGERS_NAMED) },
      'parts of a webhook that are for nobody here were acknowledged and dropped',
    );
  }
}
