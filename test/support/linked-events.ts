import { ContactIdentityService } from '../../src/contacts/contact-identity.service.js';
import { AuthState } from '../../src/devices/auth-state.js';
import { BaileysProvider } from '../../src/devices/baileys.provider.js';
import { LinkedEvents } from '../../src/devices/events/linked-events.js';
import { LinkedInbound } from '../../src/devices/events/linked-inbound.js';
import { LinkedIdentities } from '../../src/devices/events/linked-identities.js';
import type { OpenSession } from '../../src/providers/baileys/linked-socket.js';
import { LinkedStatuses } from '../../src/devices/events/linked-statuses.js';
import { LinkedCheck } from '../../src/devices/linked-check.js';
import type { ProviderFactory } from '../../src/providers/provider.factory.js';
import { OpenSessions } from '../../src/devices/open-sessions.js';
import { Placeholders } from '../../src/devices/events/placeholders.js';
import { SentMessages } from '../../src/devices/sent-messages.js';
import { SessionRestrictions } from '../../src/devices/session-restrictions.js';
import { SecretBox } from '../../src/platform/crypto/secret-box.js';
import { ScheduledJobs } from '../../src/platform/jobs/scheduled-jobs.js';
import { BaileysDouble, type SocketDouble } from './baileys-double.js';
import { openPathShop, type MessagePath, type Shop } from './message-path.js';
import { openReceiver } from './receiver.js';
import { Loops } from '../../src/platform/loops/loops.js';

export type LinkedShop = Shop & { readonly session: OpenSession; readonly socket: SocketDouble };

/** Linked devices on a message path, whose sockets a test drives; nothing runs by itself. */
export async function openLinkedBench(path: MessagePath) {
  const { pool } = path;
  const { receiver, statuses, registry } = await openReceiver(path);
  const whatsapp = new BaileysDouble();
  const open = new OpenSessions();
  const sent = new SentMessages(pool, whatsapp);
  const loops = new Loops(path.env, path.wake);
  const jobs = new ScheduledJobs(pool, path.clock, loops);
  const placeholders = new Placeholders(pool, open, sent, jobs, loops, path.db.live);
  const events = new LinkedEvents(
    new LinkedInbound(receiver, placeholders, pool, path.clock),
    new LinkedStatuses(receiver, sent, new SessionRestrictions(pool), path.clock),
    new LinkedIdentities(new ContactIdentityService(path.db.tenants), pool),
    sent,
  );
  const box = new SecretBox({ jwtSecret: 'x'.repeat(48), encryptionKey: Buffer.alloc(32, 1).toString('base64') });
  const auth = new AuthState(pool, box, whatsapp);

  /** A bot whose phone is linked, with an open socket in this process. */
  async function openLinkedShop(lastInboundAt: Date | null = null): Promise<LinkedShop> {
    const shop = await openPathShop(path.db);
    await path.db.owner.query(`update connection set provider = 'baileys' where id = $1`, [shop.connectionId]);
    await path.db.owner.query(
      `insert into linked_session (connection_id, tenant_id, state, last_inbound_at) values ($1, $2, 'open', $3)`,
      [shop.connectionId, shop.tenantId, lastInboundAt],
    );
    const { auth: state } = await auth.load(shop, 1);
    const socket = await whatsapp.open({ auth: state, getMessage: async () => undefined });
    await socket.open();
    const session: OpenSession = { ...shop, fence: 1, socket };
    open.opened(session);
    return { ...shop, session, socket };
  }

  const provider = new BaileysProvider(open, sent, whatsapp, new LinkedCheck(open, whatsapp, pool), {
    register: () => undefined,
  } as unknown as ProviderFactory);
  return { whatsapp, open, sent, placeholders, events, provider, statuses, registry, openLinkedShop };
}
