import { Injectable, Logger } from '@nestjs/common';
import { ConnectionDirectory } from '../connections/connection-directory.service.js';
import { TemplateStates } from '../connections/templates/template-states.js';
import { ContactIdentityService } from '../contacts/contact-identity.service.js';
import { ContactsService } from '../contacts/contacts.service.js';
import type { Change, Notice } from './received.js';

/** The contact's tag by which a customer wants no marketing. */
export const NO_MARKETING_TAG = 'marketing-stop';

/** What providers report besides messages and statuses: some of it changes something, the rest is logged. */
@Injectable()
export class Notices {
  private readonly logger = new Logger(Notices.name);

  constructor(
    private readonly connections: ConnectionDirectory,
    private readonly contacts: ContactsService,
    private readonly identities: ContactIdentityService,
    private readonly templates: TemplateStates,
  ) {}

  /**
   * Twice is as good as once.
   *
   * @throws whatever kept it from being stored
   */
  async take({ log, change }: Notice): Promise<void> {
    if (log) this.logger[log.level](log.about, log.text);
    if (change) await this.apply(change);
  }

  private async apply(change: Change): Promise<void> {
    switch (change.kind) {
      case 'health':
        return this.connections.report(change.connection, change.health, change.reason);
      case 'moved':
        for (const { tenantId } of change.connections) await this.identities.move(tenantId, change.from, change.to);
        return;
      case 'marketing':
        // Meta keeps to it by itself (error 131050); the tag is for whoever chooses the recipients.
        for (const { tenantId } of change.connections)
          await this.contacts.mark(tenantId, change.identities, NO_MARKETING_TAG, !change.isWanted);
        return;
      case 'template':
        for (const tenantId of new Set(change.connections.map((connection) => connection.tenantId)))
          await this.templates.take(tenantId, change.accountId, change.template);
    }
  }
}
