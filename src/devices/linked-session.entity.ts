import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { SessionState } from './sessions/session-state.js';

/** One linked device: who holds it and how it stands. Written by its holder, under its fence, and by whoever asks. */
@Entity('linked_session')
export class LinkedSessionRow {
  @PrimaryColumn('uuid', { name: 'connection_id' })
  connectionId!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('text', { nullable: true })
  holder!: string | null;

  @Column('bigint', { default: 0 })
  fence!: string;

  @Column('timestamptz', { name: 'lease_until', nullable: true })
  leaseUntil!: Date | null;

  @Column('text', { name: 'asked_by', nullable: true })
  askedBy!: string | null;

  @Column('text', { default: 'idle' })
  state!: SessionState;

  @Column('text', { name: 'state_reason', nullable: true })
  stateReason!: string | null;

  @Column('timestamptz', { name: 'state_at', default: () => 'now()' })
  stateAt!: Date;

  @Column('timestamptz', { name: 'next_connect_at', default: () => 'now()' })
  nextConnectAt!: Date;

  /** Attempts in a row that did not hold. */
  @Column('int', { default: 0 })
  attempts!: number;

  @Column('int', { name: 'close_code', nullable: true })
  closeCode!: number | null;

  /** How often in a row it closed with that code. */
  @Column('int', { name: 'close_repeats', default: 0 })
  closeRepeats!: number;

  @Column('boolean', { name: 'wants_logout', default: false })
  wantsLogout!: boolean;

  /** E.164: pair by a code typed on this phone instead of a QR. */
  @Column('text', { name: 'pairing_phone', nullable: true })
  pairingPhone!: string | null;

  @Column('bytea', { nullable: true })
  secret!: Buffer | null;

  @Column('text', { name: 'secret_key_id', nullable: true })
  secretKeyId!: string | null;

  @Column('timestamptz', { name: 'secret_until', nullable: true })
  secretUntil!: Date | null;

  /** The linked phone's own number, E.164. */
  @Column('text', { nullable: true })
  phone!: string | null;

  @Column('timestamptz', { name: 'linked_at', nullable: true })
  linkedAt!: Date | null;

  @Column('timestamptz', { name: 'last_open_at', nullable: true })
  lastOpenAt!: Date | null;

  @Column('timestamptz', { name: 'last_inbound_at', nullable: true })
  lastInboundAt!: Date | null;

  @Column('timestamptz', { name: 'restricted_until', nullable: true })
  restrictedUntil!: Date | null;

  @Column('text', { name: 'restriction_reason', nullable: true })
  restrictionReason!: string | null;

  @Column('jsonb', { nullable: true })
  traffic!: object | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
