import type { DeliveryStatus, OutboundMessage, RejectionClass } from '../whatsapp-provider.js';

export type SimulatedStatus = Exclude<DeliveryStatus, 'queued' | 'sent'>;

/** How one send goes wrong, or oddly. Everything left out goes well. */
export type SimulatedFault = {
  /** `lost`: unknown, and it never arrived; `unheard`: unknown, but it arrived and statuses will say so. */
  readonly outcome?: RejectionClass | 'lost' | 'unheard';
  readonly delayMs?: number;
  /** Statuses that follow an arrival, in the order they are told. */
  readonly statuses?: readonly SimulatedStatus[];
};

/** What happens to a message; null: nothing special. */
export type SimulatorScript = (message: OutboundMessage) => SimulatedFault | null;

const BY_NUMBER: Readonly<Record<string, SimulatedFault>> = {
  '01': { outcome: 'retry' },
  '02': { outcome: 'rate' },
  '03': { outcome: 'failover' },
  '04': { outcome: 'template' },
  '05': { outcome: 'recipient' },
  '06': { outcome: 'auth' },
  '07': { outcome: 'permanent' },
  '08': { outcome: 'lost' },
  '09': { outcome: 'unheard' },
  '10': { delayMs: 2_000 },
  '11': { statuses: ['read'] },
  '12': { statuses: ['read', 'delivered'] },
  '13': { statuses: ['delivered', 'delivered', 'read', 'read'] },
  '14': { statuses: ['failed'] },
  '15': { statuses: [] },
};

/**
 * Faults by recipient, to be had from any chat: `+9990NN…`, NN a number above (country code 999 is assigned to nobody,
 * ITU-T E.164). `+999005…` cannot be reached, `+999009…` leaves the outcome unknown, any other number is well.
 */
export const faultByRecipient: SimulatorScript = ({ to }) => {
  const number = /^\+?9990(\d\d)/.exec(to.phone ?? to.address)?.[1];
  return (number && BY_NUMBER[number]) || null;
};
