import { Injectable } from '@nestjs/common';
import { In, IsNull, Not, type EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { Wake } from '../platform/wake.js';
import { ConnectionsService, type ConnectionView } from '../connections/connections.service.js';
import { LinkCodes } from './link-codes.js';
import type { LinkCodeView, LinkedDeviceView } from './linked-devices.dto.js';
import { AlreadyLinkedError, NotALinkedDeviceError } from './linked-devices.errors.js';
import { LinkedSessionRow } from './linked-session.entity.js';
import { LIVE_STATES, type SessionState } from './sessions/session-state.js';

/** So long a call waits for the code it asked for. */
const CODE_WAIT_MS = 8000;
const CODE_LOOK_MS = 100;

/** What people ask of linked devices. The process that holds a device does it; here it is only written down. */
@Injectable()
export class LinkedDevicesService {
  constructor(
    private readonly db: TenantDatabase,
    private readonly connections: ConnectionsService,
    private readonly codes: LinkCodes,
    private readonly wake: Wake,
    private readonly clock: Clock,
  ) {}

  /** @throws ConnectionNotFoundError NotALinkedDeviceError */
  async get(tenantId: TenantId, botId: string, id: string): Promise<LinkedDeviceView> {
    await this.assertLinkable(tenantId, botId, id);
    return toView(await this.load(tenantId, id), this.clock.now());
  }

  /** Those of these connections that are linked devices; one nobody has asked for is idle. */
  async among(tenantId: TenantId, connections: readonly ConnectionView[]): Promise<Map<string, LinkedDeviceView>> {
    const own = connections.filter(({ provider }) => provider === 'baileys');
    const views = await Promise.all(own.map(async ({ id }) => toView(await this.load(tenantId, id), this.clock.now())));
    return new Map(views.map((view) => [view.connectionId, view]));
  }

  /**
   * Begins to show QR codes where nothing is under way, and waits a moment for the first.
   *
   * @throws ConnectionNotFoundError NotALinkedDeviceError BaileysNotInstalledError
   */
  async link(tenantId: TenantId, botId: string, id: string): Promise<LinkCodeView> {
    await this.assertLinkable(tenantId, botId, id);
    await this.codes.assertInstalled();
    await this.db.transaction(tenantId, (tx) => askForLink(tx, tenantId, id, null));
    return this.awaitCode(tenantId, id, ({ qr, pairingCode }) => (qr ?? pairingCode) !== null);
  }

  /**
   * @param phone E.164
   * @throws AlreadyLinkedError
   * @throws ConnectionNotFoundError NotALinkedDeviceError BaileysNotInstalledError
   */
  async askPairingCode(tenantId: TenantId, botId: string, id: string, phone: string): Promise<LinkCodeView> {
    await this.assertLinkable(tenantId, botId, id);
    await this.codes.assertInstalled();
    await this.db.transaction(tenantId, async (tx) => {
      await askForLink(tx, tenantId, id, phone);
      const unlinked = { tenantId, connectionId: id, state: Not<SessionState>('open'), linkedAt: IsNull() };
      const { affected } = await tx.update(LinkedSessionRow, unlinked, { pairingPhone: phone });
      if (affected === 0) throw new AlreadyLinkedError();
    });
    return this.awaitCode(tenantId, id, ({ pairingCode }) => pairingCode !== null);
  }

  /** Unlinks the phone, and forgets the keys. @throws ConnectionNotFoundError NotALinkedDeviceError */
  async logOut(tenantId: TenantId, botId: string, id: string): Promise<LinkedDeviceView> {
    await this.assertLinkable(tenantId, botId, id);
    const isHeld = await this.db.transaction(tenantId, async (tx) => {
      const live = { tenantId, connectionId: id, state: In([...LIVE_STATES]) };
      const { affected } = await tx.update(LinkedSessionRow, live, { wantsLogout: true });
      return affected === 1;
    });
    if (isHeld) this.wake.signal('sessions');
    else await this.codes.erase(tenantId, id);
    return toView(await this.load(tenantId, id), this.clock.now());
  }

  private async assertLinkable(tenantId: TenantId, botId: string, id: string): Promise<void> {
    const { provider } = await this.connections.get(tenantId, botId, id);
    if (provider !== 'baileys') throw new NotALinkedDeviceError(id);
  }

  private load(tenantId: TenantId, connectionId: string): Promise<LinkedSessionRow> {
    return this.db.transaction(tenantId, async (tx) => {
      const row = await tx.findOneBy(LinkedSessionRow, { tenantId, connectionId });
      return row ?? tx.create(LinkedSessionRow, { ...NEVER, tenantId, connectionId });
    });
  }

  private async awaitCode(
    tenantId: TenantId,
    id: string,
    isThere: (view: LinkCodeView) => boolean,
  ): Promise<LinkCodeView> {
    this.wake.signal('sessions');
    const deadline = performance.now() + CODE_WAIT_MS;
    for (;;) {
      const row = await this.load(tenantId, id);
      const view = this.codes.toView(toView(row, this.clock.now()), row, this.clock.now());
      const isUnderWay = row.state !== 'open' && LIVE_STATES.includes(row.state);
      if (isThere(view) || !isUnderWay || performance.now() > deadline) return view;
      await new Promise((done) => setTimeout(done, CODE_LOOK_MS));
    }
  }
}

const NEVER: Partial<LinkedSessionRow> = {
  state: 'idle',
  stateReason: null,
  phone: null,
  linkedAt: null,
  lastOpenAt: null,
  lastInboundAt: null,
  restrictedUntil: null,
  restrictionReason: null,
  secret: null,
  secretKeyId: null,
  secretUntil: null,
};

/** Nothing where it is under way already. */
async function askForLink(tx: EntityManager, tenantId: TenantId, id: string, phone: string | null): Promise<void> {
  await tx.query(
    `insert into linked_session as s (connection_id, tenant_id, state, pairing_phone) values ($1, $2, 'connecting', $3)
     on conflict (connection_id) do update set state = 'connecting', state_reason = null, state_at = now(),
       next_connect_at = now(), attempts = 0, close_code = null, close_repeats = 0, wants_logout = false,
       pairing_phone = excluded.pairing_phone, asked_by = null, updated_at = now()
     where s.state in ('idle', 'needs_pairing', 'stopped')`,
    [id, tenantId, phone],
  );
}

function toView(row: LinkedSessionRow, now: Date): LinkedDeviceView {
  const isRestricted = row.restrictedUntil !== null && row.restrictedUntil > now;
  const { linkedAt } = row;
  return {
    connectionId: row.connectionId,
    state: row.state === 'open' && isRestricted ? 'restricted' : row.state,
    reason: row.stateReason,
    phone: row.phone,
    linkedAt: linkedAt?.toISOString() ?? null,
    ageSeconds: linkedAt && Math.max(0, Math.round((now.getTime() - linkedAt.getTime()) / 1000)),
    lastOpenAt: row.lastOpenAt?.toISOString() ?? null,
    lastInboundAt: row.lastInboundAt?.toISOString() ?? null,
    nextConnectAt: row.state === 'waiting' ? row.nextConnectAt.toISOString() : null,
    restrictedUntil: isRestricted ? (row.restrictedUntil?.toISOString() ?? null) : null,
    restrictionReason: isRestricted ? row.restrictionReason : null,
  };
}
