import type { LinkedSocket } from '../../providers/baileys/linked-socket.js';
import type { SessionJournal } from './session-journal.js';
import type { HeldSession } from './session-leases.js';

/** WhatsApp shows the first QR code for a minute and the others for 20 s (reference 5.3). */
const FIRST_QR_MS = 60_000;
const NEXT_QR_MS = 20_000;
/** A pairing code is good for as long as its socket offers to link. */
const PAIRING_MS = 160_000;

/** The code by which a phone is linked: a QR to scan, or eight characters to type when the phone's number was given. */
export class CodeOffer {
  /** E.164; whether and for whom a pairing code is wanted. */
  phone: string | null;
  private shownFor: string | null = null;
  private shown = 0;

  constructor(
    private readonly held: HeldSession,
    private readonly journal: SessionJournal,
  ) {
    this.phone = held.pairingPhone;
  }

  /** The socket shows a QR; the first one, and then every 20 s the next. */
  async show(socket: LinkedSocket, qr: string): Promise<void> {
    this.shown += 1;
    if (this.phone !== null) return this.renew(socket);
    await this.journal.showCode(this.held, 'qr', qr, this.shown === 1 ? FIRST_QR_MS : NEXT_QR_MS);
  }

  /** Asks for a pairing code, once per phone; only after the socket has shown a QR. */
  async renew(socket: LinkedSocket): Promise<void> {
    if (this.phone === null || this.shown === 0 || this.shownFor === this.phone) return;
    this.shownFor = this.phone;
    const code = await socket.requestPairingCode(this.phone.replace('+', ''));
    await this.journal.showCode(this.held, 'pairing', code, PAIRING_MS);
  }

  /** The next socket begins with codes of its own. */
  end(): void {
    this.shownFor = null;
    this.shown = 0;
  }
}
