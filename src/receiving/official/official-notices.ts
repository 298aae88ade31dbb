import type { PathConnection } from '../../connections/path-connection.js';
import { identityKeys } from '../../messages/identity-keys.js';
import type { AccountNotice } from '../../providers/official/official.webhook-types.js';
import { readTemplateNotice } from '../../providers/official/official.template-notice.js';
import type { Change, Notice } from '../received.js';

/**
 * @param owners the connections of the number or the business account that the notice is proved to be for
 */
export function readNotice(notice: AccountNotice, owners: readonly PathConnection[]): Notice {
  return { log: toLog(notice, owners.length > 0), change: toChange(notice, owners) };
}

function toChange(notice: AccountNotice, connections: readonly PathConnection[]): Change | undefined {
  if (notice.kind === 'moved') return { kind: 'moved', connections, from: notice.from, to: notice.to };
  const template = readTemplateNotice(notice);
  if (template && notice.wabaId !== null) return { kind: 'template', connections, accountId: notice.wabaId, template };
  if (notice.kind !== 'preference') return undefined;
  return {
    kind: 'marketing',
    connections,
    identities: identityKeys(notice.person),
    isWanted: notice.wantsMarketing,
  };
}

function toLog(notice: AccountNotice, isProven: boolean): Notice['log'] {
  const { kind, wabaId, phoneNumberId } = notice;
  if (kind === 'ignored') return undefined;
  const isTrouble = kind === 'error' || kind === 'account' || kind === 'unreadable';
  const about = { kind, wabaId, phoneNumberId, isProven, ...detailsOf(notice) };
  return { level: isTrouble ? 'warn' : 'log', text: 'a notice from Meta', about };
}

/** Nothing of what a customer wrote. */
function detailsOf(notice: AccountNotice): object {
  if (notice.kind === 'error') return { code: notice.code, title: notice.title };
  if (notice.kind === 'account') return { field: notice.field, event: notice.event };
  return notice.kind === 'unreadable' ? { path: notice.path } : {};
}
