import type { ConnectionDirectory } from '../connections/connection-directory.service.js';
import type { PathConnection } from '../connections/path-connection.js';
import { outboundContentSchema } from '../messages/message-content.js';
import type { ClaimedSend, SendError } from './outbox/claimed-send.js';
import type { ProviderCalls } from './provider-calls.js';
import type { RouteQuestion } from './route.js';

/** A message's own connection, and all that the choice of another one depends on. */
export type SendQuestion = {
  readonly own: PathConnection;
  readonly question: RouteQuestion & { readonly claimed: ClaimedSend };
};

/** @returns why it can never leave, where the connection or the content is at fault */
export async function askFor(
  claimed: ClaimedSend,
  connections: ConnectionDirectory,
  calls: ProviderCalls,
): Promise<SendQuestion | SendError> {
  const own = await connections.find(claimed.connectionId);
  if (!own) return { code: 'no_connection', class: 'permanent', reason: 'the connection is gone' };
  const content = outboundContentSchema.safeParse(claimed.body);
  if (!content.success) {
    const path = content.error.issues[0]?.path.join('.') ?? '';
    return { code: 'bad_content', class: 'permanent', reason: `the stored message is not valid at "${path}"` };
  }
  const question = {
    claimed,
    content: content.data,
    connections: await connections.ofBot(own.botId),
    capabilitiesOf: (connection: PathConnection) => calls.capabilitiesOf(connection),
    isBroken: (connection: PathConnection) => calls.isBroken(connection),
    nowMs: connections.nowMs(),
  };
  return { own, question };
}
