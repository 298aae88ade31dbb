import { Injectable, Logger } from '@nestjs/common';
import { ContactIdentityService } from '../../contacts/contact-identity.service.js';
import { ContactsService } from '../../contacts/contacts.service.js';
import { identityKeys } from '../../messages/identity-keys.js';
import type { PathConnection } from '../../connections/connection-directory.service.js';
import type { AccountNotice } from '../../providers/official/official.webhook-types.js';

type Move = Extract<AccountNotice, { kind: 'moved' }>;
type Preference = Extract<AccountNotice, { kind: 'preference' }>;

/** The contact's tag by which a customer wants no marketing. */
export const NO_MARKETING_TAG = 'marketing-stop';

/** What Meta tells besides messages and statuses: some of it changes something, the rest is logged. */
@Injectable()
export class OfficialNotices {
  private readonly logger = new Logger(OfficialNotices.name);

  constructor(
    private readonly contacts: ContactsService,
    private readonly identities: ContactIdentityService,
  ) {}

  /**
   * Twice is as good as once.
   *
   * @param owners the connections the notice is proved to be for; none for one about an account, which names no number
   * @throws whatever kept it from being stored
   */
  async take(notice: AccountNotice, owners: readonly PathConnection[]): Promise<void> {
    this.tell(notice, owners.length > 0);
    if (notice.kind === 'moved') await this.move(notice, owners);
    if (notice.kind === 'preference') await this.note(notice, owners);
  }

  /** The same person by a new number or id. */
  private async move({ from, to }: Move, owners: readonly PathConnection[]): Promise<void> {
    for (const { tenantId } of owners) await this.identities.move(tenantId, from, to);
  }

  /** Meta keeps to it by itself (error 131050); the tag is for whoever chooses the recipients. */
  private async note({ person, wantsMarketing }: Preference, owners: readonly PathConnection[]): Promise<void> {
    for (const { tenantId } of owners) {
      await this.contacts.mark(tenantId, identityKeys(person), NO_MARKETING_TAG, !wantsMarketing);
    }
  }

  private tell(notice: AccountNotice, isProven: boolean): void {
    const { kind, wabaId, phoneNumberId } = notice;
    if (kind === 'ignored') return;
    const what =
      kind === 'error'
        ? { code: notice.code, title: notice.title }
        : kind === 'account'
          ? { field: notice.field, event: notice.event }
          : kind === 'unreadable'
            ? { path: notice.path }
            : {};
    const connection = { kind, wabaId, phoneNumberId, isProven, ...what };
    if (kind === 'error' || kind === 'account' || kind === 'unreadable')
      this.logger.warn(connection, 'a notice from Meta');
    else this.logger.log(connection, 'a notice from Meta');
  }
}
