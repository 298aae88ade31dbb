import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { SecretBox } from '../../platform/crypto/secret-box.js';
import { isDatabaseDown } from '../../platform/database/connection-errors.js';
import { PathPool } from '../../platform/database/path-pool.js';
import { asTenantId, type TenantId } from '../../platform/tenancy/tenant-id.js';
import type { ProviderAccount } from '../whatsapp-provider.js';

/** A connection as the message path needs it: whose it is, how it stands, and the account opened. */
export type Line = {
  readonly tenantId: TenantId;
  readonly botId: string;
  readonly connectionId: string;
  /** A name from our own table; the factory knows whether it still has a strategy. */
  readonly provider: string;
  readonly isPaused: boolean;
  readonly health: LineHealth;
  /** Not authorised when last tried, and that is long enough ago to try again. */
  readonly isProbeDue: boolean;
  /** Null when the credentials cannot be opened with this process's key. */
  readonly account: ProviderAccount | null;
};
export type LineHealth = 'unknown' | 'up' | 'degraded' | 'auth_lost';

type Row = {
  id: string;
  tenant_id: string;
  bot_id: string;
  provider: string;
  state: string;
  health: LineHealth;
  is_probe_due: boolean;
  credentials: Buffer;
  credentials_key_id: string;
};

const FRESH_MS = 3000;
/** A lost authorisation may come back without anybody changing the credentials. */
const IS_PROBE_DUE = `(state = 'active' and health = 'auth_lost'
  and coalesce(health_at <= now() - interval '5 minutes', true))`;
const COLUMNS = `id, tenant_id, bot_id, provider, state, health, credentials, credentials_key_id,
  ${IS_PROBE_DUE} as is_probe_due`;

type Cached = { readonly lines: readonly Line[]; readonly at: number };

/**
 * Whose line is this? Across tenants, as role `path`. Answers are a few seconds old at most, and none in the process
 * that changed a connection; except while Postgres is away: then the last known ones serve without expiry, so that
 * webhooks of known numbers still reach the spool (INV-1).
 */
@Injectable()
export class LinesService {
  private readonly logger = new Logger(LinesService.name);
  private readonly known = new Map<string, Cached>();
  private loading = new Map<string, Promise<readonly Line[]>>();

  constructor(
    private readonly path: PathPool,
    private readonly secrets: SecretBox,
    private readonly clock: Clock,
  ) {}

  async find(connectionId: string): Promise<Line | null> {
    const lines = await this.look(`id ${connectionId}`, 'where id = $1', [connectionId]);
    return lines[0] ?? null;
  }

  /** Every tenant's lines that claim this id: a signature tells which of them is the real one. */
  findByExternalId(provider: string, externalId: string): Promise<readonly Line[]> {
    return this.look(`external ${provider} ${externalId}`, 'where provider = $1 and external_id = $2 order by id', [
      provider,
      externalId,
    ]);
  }

  /** The bot's lines with one provider, in order of preference. */
  ofBot(botId: string, provider: string): Promise<readonly Line[]> {
    return this.look(`bot ${botId} ${provider}`, 'where bot_id = $1 and provider = $2 order by position, id', [
      botId,
      provider,
    ]);
  }

  /** For what names no line at all, such as the verify handshake; always as of now. */
  listActive(provider: string): Promise<readonly Line[]> {
    return this.load(`where provider = $1 and state = 'active' order by id`, [provider]);
  }

  /** The bot's next usable line of the same provider, after this one in its order of preference. */
  async next(line: Line): Promise<Line | null> {
    const all = await this.ofBot(line.botId, line.provider);
    const rest = all.slice(all.findIndex(({ connectionId }) => connectionId === line.connectionId) + 1);
    return rest.find(({ isPaused, health, account }) => !isPaused && health !== 'auth_lost' && account) ?? null;
  }

  /** Whether this send may find out if the line is authorised again: one in five minutes, of all processes, may. */
  async mayProbe(line: Line): Promise<boolean> {
    if (!line.isProbeDue) return false;
    const taken = await this.path.query(
      `update connection set health_at = now() where id = $1 and ${IS_PROBE_DUE} returning id`,
      [line.connectionId],
    );
    this.forget();
    return taken.length > 0;
  }

  /** Writes down how the line does, when that is news. A failure is logged: the send's own outcome matters more. */
  async report(line: Line, health: LineHealth, reason: string | null): Promise<void> {
    if (line.health === health) return;
    try {
      await this.path.query(
        `update connection set health = $2, health_reason = $3, health_at = now() where id = $1 and health <> $2`,
        [line.connectionId, health, reason?.replaceAll('\u0000', '').slice(0, 500) ?? null],
      );
      this.forget();
    } catch (error) {
      this.logger.warn({ err: error, connectionId: line.connectionId }, 'the health of a line could not be recorded');
    }
  }

  /** Something changed: what is known, or being loaded just now, counts as old. */
  forget(): void {
    for (const [key, { lines }] of this.known) this.known.set(key, { lines, at: 0 });
    this.loading = new Map();
  }

  private async look(key: string, where: string, params: readonly string[]): Promise<readonly Line[]> {
    const cached = this.known.get(key);
    if (cached && this.clock.now().getTime() - cached.at < FRESH_MS) return cached.lines;
    try {
      return await this.loadOnce(key, where, params);
    } catch (error) {
      if (cached && isDatabaseDown(error)) return cached.lines;
      throw error;
    }
  }

  /** A hundred sends that ask at once ask Postgres once. */
  private loadOnce(key: string, where: string, params: readonly string[]): Promise<readonly Line[]> {
    const running = this.loading.get(key);
    if (running) return running;
    const { loading } = this;
    const load = this.load(where, params)
      .then((lines) => {
        if (loading === this.loading) this.remember(key, lines);
        return lines;
      })
      .finally(() => loading.delete(key));
    loading.set(key, load);
    return load;
  }

  /** What nobody has is not remembered: anyone may post numbers we never heard of. */
  private remember(key: string, lines: readonly Line[]): void {
    if (lines.length > 0) this.known.set(key, { lines, at: this.clock.now().getTime() });
    else this.known.delete(key);
  }

  private async load(where: string, params: readonly string[]): Promise<readonly Line[]> {
    const rows = await this.path.query<Row>(`select ${COLUMNS} from connection ${where}`, params);
    return rows.map((row) => this.toLine(row));
  }

  private toLine(row: Row): Line {
    return {
      tenantId: asTenantId(row.tenant_id),
      botId: row.bot_id,
      connectionId: row.id,
      provider: row.provider,
      isPaused: row.state === 'paused',
      health: row.health,
      isProbeDue: row.is_probe_due,
      account: this.open(row),
    };
  }

  private open(row: Row): ProviderAccount | null {
    try {
      const credentials = JSON.parse(this.secrets.open(row.credentials_key_id, row.credentials)) as Record<
        string,
        string
      >;
      return { connectionId: row.id, credentials };
    } catch (error) {
      const reason = error instanceof SyntaxError ? 'not JSON' : String(error);
      this.logger.error({ connectionId: row.id, reason }, 'the credentials of a line cannot be opened');
      return null;
    }
  }
}
