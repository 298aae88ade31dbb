import { Injectable } from '@nestjs/common';
import { ConnectionDirectory } from '../../connections/connection-directory.service.js';
import type { PathConnection } from '../../connections/path-connection.js';
import type { IngestEvent } from '../../conversations/inbox/ingest.service.js';
import type { StatusUpdate } from '../../delivery/statuses/delivery-status.service.js';
import { identityKeys } from '../../messages/identity-keys.js';
import { Clock } from '../../platform/clock.js';
import { answerHandshake, isSignedByMeta } from '../../providers/official/official.signature.js';
import { MalformedWebhookError } from '../../providers/provider.errors.js';
import type {
  AccountNotice,
  InboundMessage,
  StatusUpdate as OfficialStatus,
} from '../../providers/official/official.webhook-types.js';
import { readTemplateNotice } from '../../providers/official/official.template-notice.js';
import { officialSendersOf, parseOfficialWebhook } from '../../providers/official/official.webhook.js';
import type { ReceivedWebhook, WebhookAdapter } from '../received.js';
import { BadWebhookSignatureError, HandshakeRefusedError } from '../webhook.errors.js';
import { readNotice } from './official-notices.js';

export type OfficialPost = {
  readonly rawBody: Uint8Array;
  readonly body: unknown;
  /** `X-Hub-Signature-256`. */
  readonly signature: string | undefined;
};

/** The connections each number of a batch is proved to belong to. A number that is not ours has none. */
type Proven = ReadonlyMap<string, readonly PathConnection[]>;

type IsSignedWith = (appSecret: string) => boolean;

type Echo = Extract<AccountNotice, { kind: 'echo' }>;

/** Meta batches up to 1,000 updates (Webhooks, Getting Started), so that no genuine one is about more numbers. */
const MAX_NUMBERS = 1000;

/** Meta's webhooks: a batch about any numbers of an app, signed with the app's secret (reference 2.4). */
@Injectable()
export class OfficialAdapter implements WebhookAdapter<OfficialPost> {
  readonly provider = 'official';

  constructor(
    private readonly connections: ConnectionDirectory,
    private readonly clock: Clock,
  ) {}

  /** @throws HandshakeRefusedError the token is none of an active connection's */
  async answerHandshake(query: Readonly<Record<string, unknown>>): Promise<string> {
    const connections = await this.connections.listActive('official');
    const tokens = connections
      .map(({ account }) => account?.credentials['verifyToken'])
      .filter((token) => token !== undefined);
    const challenge = answerHandshake(query, tokens);
    if (challenge === null) throw new HandshakeRefusedError();
    return challenge;
  }

  /** A number that is ours must be signed with the secret of one of its connections; a stranger's part is not read. */
  async read(post: OfficialPost): Promise<ReceivedWebhook> {
    const isSignedWith = signatureOf(post);
    const proven = await this.prove(post, isSignedWith);
    const receivedAt = this.clock.now();
    const { messages, statuses, notices } = parseOfficialWebhook(post.body, receivedAt);
    const ownersOf = (number: string | null) => proven.get(number ?? '') ?? [];
    const accounts = await this.ownersOfAccounts(notices, isSignedWith);
    const echoes = notices.filter((notice) => notice.kind === 'echo');
    return {
      receivedAt,
      connections: [...proven.values()].flat(),
      events: [
        ...messages.flatMap((one) => ownersOf(one.phoneNumberId).map((owner) => toEvent(owner, one))),
        ...echoes.flatMap((one) => ownersOf(one.phoneNumberId).map((owner) => toOwnEvent(owner, one))),
      ],
      statuses: statuses.flatMap((one) => ownersOf(one.phoneNumberId).map((owner) => toUpdate(owner, one))),
      notices: notices.map((one) =>
        readNotice(one, readTemplateNotice(one) ? accounts(one.wabaId) : ownersOf(one.phoneNumberId)),
      ),
      strangers: [...messages, ...statuses]
        .map(({ phoneNumberId }) => phoneNumberId)
        .filter((number) => ownersOf(number).length === 0),
    };
  }

  private async prove({ body }: OfficialPost, isSignedWith: IsSignedWith): Promise<Proven> {
    const proven = new Map<string, readonly PathConnection[]>();
    const { phoneNumberIds } = officialSendersOf(body);
    if (phoneNumberIds.length > MAX_NUMBERS)
      throw new MalformedWebhookError('entry', `about at most ${MAX_NUMBERS} numbers`);
    for (const [phoneNumberId, claimants] of await this.connections.findByExternalIds('official', phoneNumberIds)) {
      const owners = claimants.filter((claimant) => isProven(claimant, isSignedWith));
      if (claimants.length > 0 && owners.length === 0)
        throw new BadWebhookSignatureError('The signature does not fit the body');
      proven.set(phoneNumberId, owners);
    }
    return proven;
  }

  /**
   * A notice about a template names its account alone, and anybody may enter anybody's account: who cannot prove it is
   * told nothing, and keeps nothing from the rest of the batch.
   */
  private async ownersOfAccounts(
    notices: readonly AccountNotice[],
    isSignedWith: IsSignedWith,
  ): Promise<(accountId: string | null) => readonly PathConnection[]> {
    const named = notices.filter((notice) => readTemplateNotice(notice)).map(({ wabaId }) => wabaId);
    const accountIds = [...new Set(named)].filter((id) => id !== null);
    const claimants = accountIds.length > 0 ? await this.connections.findByAccounts('official', accountIds) : [];
    const owners = claimants.filter((claimant) => isProven(claimant, isSignedWith));
    return (accountId) => owners.filter(({ account }) => account?.credentials['wabaId'] === accountId);
  }
}

function toEvent(owner: PathConnection, message: InboundMessage): IngestEvent {
  const { address, phone, formerly, profileName, providerMessageId, providerTimestamp, content, groupId } = message;
  return {
    ...idsOf(owner),
    address,
    phone,
    // Who moved is known by what they were until now.
    identities: [...new Set([...(formerly ? identityKeys(formerly) : []), ...identityKeys(message)])],
    profileName,
    providerMessageId,
    providerAt: providerTimestamp,
    content,
    ...(groupId === null ? {} : { groupId }),
  };
}

/** What the shop itself wrote from the Business app. */
function toOwnEvent(owner: PathConnection, { to, providerMessageId, at, content }: Echo): IngestEvent {
  const { address, phone } = to;
  const identities = identityKeys(to);
  const message = { profileName: null, providerMessageId, providerAt: at, content, isOwn: true };
  return { ...idsOf(owner), address, phone, identities, ...message };
}

function idsOf({ tenantId, botId, connectionId }: PathConnection) {
  return { tenantId, botId, connectionId };
}

function toUpdate({ connectionId }: PathConnection, reported: OfficialStatus): StatusUpdate {
  const { providerMessageId, outboxId, status, at, errorCode, errorClass, errorTitle, errorRule } = reported;
  const update = { connectionId, providerMessageId, outboxId, status, at };
  if (errorCode === undefined) return update;
  const code = errorClass === 'template' ? 'window_closed' : errorCode;
  return {
    ...update,
    error: {
      code,
      class: errorClass ?? 'permanent',
      reason: errorTitle ?? `Error ${errorCode}`,
      ...(errorRule && { rule: errorRule }),
    },
  };
}

function isProven({ account }: PathConnection, isSignedWith: IsSignedWith): boolean {
  const secret = account?.credentials['appSecret'];
  return secret !== undefined && isSignedWith(secret);
}

/** @throws BadWebhookSignatureError there is none */
function signatureOf({ rawBody, signature }: OfficialPost): IsSignedWith {
  if (!signature) throw new BadWebhookSignatureError('The signature is missing');
  return remember((secret) => isSignedByMeta(rawBody, signature, secret));
}

/** Many numbers of one app share a secret, and the body may be large. */
function remember(work: (key: string) => boolean): (key: string) => boolean {
  const known = new Map<string, boolean>();
  return (key) => {
    const result = known.get(key) ?? work(key);
    known.set(key, result);
    return result;
  };
}
