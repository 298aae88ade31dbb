import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { ENV, type Env } from '../platform/config/env.js';
import { PathPool } from '../platform/database/path-pool.js';

const DAY_MS = 24 * 3_600_000;

/** Entries are kept for AUDIT_KEPT_DAYS, whoever's they are. */
@Injectable()
export class AuditPurge {
  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly path: PathPool,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - this.env.auditKeptDays * DAY_MS);
    await this.path.query('delete from audit_entry where created_at < $1', [before]);
  }
}
