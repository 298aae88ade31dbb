import { Injectable } from '@nestjs/common';
import { SecretBox } from '../platform/crypto/secret-box.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { AuthState } from './auth-state.js';
import { BaileysNotInstalledError } from '../providers/baileys/baileys.errors.js';
import { SocketFactory } from '../providers/baileys/linked-socket.js';
import type { LinkCodeView, LinkedDeviceView } from './linked-devices.dto.js';
import type { LinkedSessionRow } from './linked-session.entity.js';

/** Codes and keys of linked devices, where somebody asks for them. */
@Injectable()
export class LinkCodes {
  constructor(
    private readonly db: TenantDatabase,
    private readonly box: SecretBox,
    private readonly sockets: SocketFactory,
    private readonly auth: AuthState,
  ) {}

  /** @throws BaileysNotInstalledError */
  async assertInstalled(): Promise<void> {
    if (!(await this.sockets.isInstalled())) throw new BaileysNotInstalledError();
  }

  /** Of a device that nobody holds: its phone is told by nobody, and still lists it. */
  async erase(tenantId: TenantId, connectionId: string): Promise<void> {
    await this.auth.erase(connectionId);
    await this.db.transaction(tenantId, (tx) =>
      tx.query(
        `update linked_session set state = 'idle', state_reason = 'logged_out_here_only', state_at = now(), phone = null,
                linked_at = null, pairing_phone = null, restricted_until = null, restriction_reason = null,
                wants_logout = false, updated_at = now()
          where tenant_id = $1 and connection_id = $2 and state in ('needs_pairing', 'stopped')`,
        [tenantId, connectionId],
      ),
    );
  }

  /** With the code that is shown now, if any. */
  toView(device: LinkedDeviceView, row: LinkedSessionRow, now: Date): LinkCodeView {
    const { secret, secretKeyId, secretUntil } = row;
    const isShown = secret !== null && secretKeyId !== null && secretUntil !== null && secretUntil > now;
    const code = isShown ? this.box.open(secretKeyId, secret) : null;
    return {
      ...device,
      qr: row.state === 'qr' ? code : null,
      pairingCode: row.state === 'pairing' ? code : null,
      codeExpiresAt: isShown ? secretUntil.toISOString() : null,
    };
  }
}
