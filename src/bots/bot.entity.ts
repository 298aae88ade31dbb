import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { WindowTemplate } from './bots.dto.js';

/** A business persona that talks: which flow version it speaks, and how patient it is. */
@Entity('bot')
export class Bot {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('text')
  name!: string;

  /** Spoken until the customer chooses another. */
  @Column('text', { default: 'es' })
  locale!: 'es' | 'en' | 'pt';

  @Column('boolean', { name: 'is_active', default: true })
  isActive!: boolean;

  /** What new conversations begin on; running ones stay where they are (INV-9). */
  @Column('uuid', { name: 'active_version_id', nullable: true })
  activeVersionId!: string | null;

  /** A message older than this on arrival is late. */
  @Column('int', { name: 'late_after_ms', default: 600_000 })
  lateAfterMs!: number;

  /** Who answers a late message after which nothing was said. */
  @Column('text', { name: 'late_policy', default: 'answer_if_last' })
  latePolicy!: 'answer_if_last' | 'hand_over';

  /** How long to wait for the rest of what a customer is typing before the turn. */
  @Column('int', { name: 'quiet_ms', default: 0 })
  quietMs!: number;

  /** Which connections may speak for one that cannot: those of the same number, or any of the bot. */
  @Column('text', { default: 'same_number' })
  failover!: 'same_number' | 'any_number';

  /** Sent in place of free text that came too late for it. */
  @Column('jsonb', { name: 'window_template', nullable: true })
  windowTemplate!: WindowTemplate | null;

  /** Marks messages read and shows that the bot is writing. */
  @Column('boolean', { name: 'read_receipts', default: false })
  readReceipts!: boolean;

  /** The bot falls silent when somebody answers from the phone. */
  @Column('boolean', { name: 'echo_hands_over', default: true })
  echoHandsOver!: boolean;

  @Column('int', { default: 1 })
  revision!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
