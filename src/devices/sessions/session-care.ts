import { Logger } from '@nestjs/common';
import { SocketEndError, type LinkedSocket } from '../../providers/baileys/linked-socket.js';
import type { InboundNotes } from './inbound-notes.js';
import type { SessionJournal } from './session-journal.js';
import type { HeldSession } from './session-leases.js';
import type { SessionTiming } from './session-timing.js';
import { endSocket, phoneOf } from './socket-ends.js';
import { within } from './within.js';

/** Looks after a session that is open and receives nothing. */
export class SessionCare {
  private readonly logger = new Logger('LinkedSessions');

  constructor(
    private readonly held: HeldSession,
    private readonly journal: SessionJournal,
    private readonly timing: SessionTiming,
    private readonly inbound: InboundNotes,
    private readonly release: () => Promise<void>,
  ) {}

  async heal(socket: LinkedSocket): Promise<void> {
    await this.inbound.flushIfDue();
    const step = this.inbound.check();
    if (step === 'tell') await this.journal.news.silent(this.held);
    if (step === 'reconnect') await endSocket(socket, new SocketEndError('silent', 408));
    if (step === 'move') await this.release();
    if (step === 'probe' && !(await this.isAnswering(socket)))
      await endSocket(socket, new SocketEndError('silent', 408));
  }

  private async isAnswering(socket: LinkedSocket): Promise<boolean> {
    const own = phoneOf(socket);
    try {
      const question: Promise<unknown> = own ? socket.onWhatsApp(own) : socket.sendPresenceUpdate('unavailable');
      await within(this.timing.answerMs, question);
      return true;
    } catch (error) {
      this.logger.warn(
        { err: error, connectionId: this.held.connectionId },
        'WhatsApp does not answer a linked device',
      );
      return false;
    }
  }
}
