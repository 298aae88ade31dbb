import { Injectable } from '@nestjs/common';
import { PathPool } from '../platform/database/path-pool.js';
import { refuse } from '../providers/http/ask-account.js';
import type { AccountCheck } from '../providers/whatsapp-provider.js';
import { BaileysNotInstalledError } from '../providers/baileys/baileys.errors.js';
import { closeCodeOf } from '../providers/baileys/baileys.outcome.js';
import { toLinkedAddress } from '../providers/baileys/linked-address.js';
import { SocketFactory, type LinkedSocket } from '../providers/baileys/linked-socket.js';
import { OpenSessions } from './open-sessions.js';

type Row = {
  readonly state: string;
  readonly reason: string | null;
  readonly phone: string | null;
  readonly held: boolean;
};

/** Nothing mends these but a person with the phone. */
const LOST: readonly string[] = ['needs_pairing', 'stopped'];
const UNLINKED_CODES: readonly number[] = [401, 403, 411];

/** Whether a linked device works: asked of WhatsApp where this process holds it, else told by the one that does. */
@Injectable()
export class LinkedCheck {
  constructor(
    private readonly sessions: OpenSessions,
    private readonly sockets: SocketFactory,
    private readonly path: PathPool,
  ) {}

  async check(connectionId: string, signal: AbortSignal): Promise<AccountCheck> {
    const session = this.sessions.find(connectionId);
    if (session) return askWhatsApp(session.socket, signal);
    const [row] = await this.path.query<Row>(
      `select state, state_reason as reason, phone, coalesce(lease_until > now(), false) as held
         from linked_session where connection_id = $1`,
      [connectionId],
    );
    if (row?.state === 'open' && row.held) return { ok: true, displayName: null, number: row.phone };
    const told = `the linked device is ${row?.state ?? 'idle'}${row?.reason ? `: ${row.reason}` : ''}`;
    if (row && LOST.includes(row.state)) return refuse('auth', row.state.toUpperCase(), told);
    if (await this.sockets.isInstalled()) return refuse('retry', 'NOT_OPEN', told);
    const { code, message } = new BaileysNotInstalledError();
    return refuse('auth', code, message);
  }
}

/** Whether our own number is on WhatsApp: a question that changes nothing and that nobody sees. */
async function askWhatsApp(socket: LinkedSocket, signal: AbortSignal): Promise<AccountCheck> {
  const { user } = socket;
  if (signal.aborted) return refuse('retry', 'TIMEOUT', 'the deadline passed before anything was asked');
  const number = toLinkedAddress(user?.id ?? '')?.phone ?? null;
  if (!user || number === null) return refuse('retry', 'NOT_OPEN', 'the linked device is not signed in yet');
  try {
    const answer = await Promise.race([socket.onWhatsApp(number.slice(1)), whenAborted(signal)]);
    if (answer?.some(({ exists }) => exists)) return { ok: true, displayName: user.name ?? null, number };
    return refuse('failover', 'NOT_ON_WHATSAPP', 'WhatsApp does not know the number of the linked device any more');
  } catch (error) {
    const code = closeCodeOf(error);
    const rejection = code !== undefined && UNLINKED_CODES.includes(code) ? 'auth' : 'retry';
    return refuse(rejection, String(code ?? 'LOOKUP'), `WhatsApp did not answer: ${String(error)}`.slice(0, 500));
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, fail) => {
    signal.addEventListener('abort', () => fail(new Error('no answer in time')), { once: true });
  });
}
