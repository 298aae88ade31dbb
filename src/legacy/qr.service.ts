import { Injectable } from '@nestjs/common';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { LinkedDevicesService } from '../devices/linked-devices.service.js';
import { AlreadyLinkedError, CodeNotReadyError } from '../devices/linked-devices.errors.js';
import { ConnectionsService } from '../connections/connections.service.js';
import type { QrQuery, QrView } from './qr.dto.js';
import { NoLinkedDeviceError } from './send.errors.js';

const PICTURE_PX = 320;

@Injectable()
export class QrService {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly devices: LinkedDevicesService,
  ) {}

  /**
   * The code to scan now. Asks for one where none is under way: the old system's clients know no other call.
   *
   * @throws BotNotFoundError BaileysNotInstalledError
   * @throws NoLinkedDeviceError the bot has no connection that is paired by a QR code
   */
  async show(tenantId: TenantId, { bot_id: botId, connection_id: wanted }: QrQuery): Promise<QrView> {
    const connections = await this.connections.list(tenantId, botId);
    const connection = connections.find(({ id, provider }) => provider === 'baileys' && (wanted ?? id) === id);
    if (!connection) throw new NoLinkedDeviceError(botId);
    const { state, reason, qr, pairingCode, codeExpiresAt } = await this.devices.link(tenantId, botId, connection.id);
    return {
      bot_id: botId,
      connection_id: connection.id,
      status: state,
      reason,
      qr,
      pairing_code: pairingCode,
      expires_at: codeExpiresAt,
    };
  }

  /** @throws AlreadyLinkedError CodeNotReadyError, and what `show` throws */
  async draw(tenantId: TenantId, query: QrQuery): Promise<Buffer> {
    const { status, qr } = await this.show(tenantId, query);
    if (status === 'open' || status === 'restricted') throw new AlreadyLinkedError();
    if (qr === null) throw new CodeNotReadyError();
    const { default: qrcode } = await import('qrcode');
    return qrcode.toBuffer(qr, { width: PICTURE_PX });
  }
}
