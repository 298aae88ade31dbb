import { afterAll, beforeAll } from 'vitest';
import { BoomDouble } from '../../test/support/baileys-double.js';
import { openLinkedBench } from '../../test/support/linked-events.js';
import { openMessagePath, type MessagePath } from '../../test/support/message-path.js';
import { keepsTheContract } from '../../test/support/provider-contract.js';

let path: MessagePath;
beforeAll(async () => {
  path = await openMessagePath();
});
afterAll(() => path.close());

keepsTheContract('baileys', async () => {
  const bench = await openLinkedBench(path);
  const shop = await bench.openLinkedShop();
  const jid = '5215511112222@s.whatsapp.net';
  const fileAt = (directPath: string) => ({
    id: 'IN1',
    mimeType: 'image/png',
    source: { chat: jid, message: { imageMessage: { directPath } } },
  });
  return {
    provider: bench.provider,
    account: { connectionId: shop.connectionId, credentials: {} },
    incomplete: { connectionId: shop.botId, credentials: {} },
    to: { address: jid, phone: null },
    messageId: '3EB0A1B2C3D4E5F60718',
    template: 'bienvenida',
    arrived: async () => shop.socket.sent.length,
    meet: (fault, arrives = false) => {
      if (fault === 'refusal') shop.socket.failures.push(new BoomDouble('Connection Closed', 428));
      else if (fault === 'silence') shop.socket.failures.push('hang');
      else (arrives ? shop.socket.lateFailures : shop.socket.failures).push(new BoomDouble('Timed Out', 408));
    },
    keep: (bytes) => {
      bench.whatsapp.files.set('/v/1', bytes);
      return { media: fileAt('/v/1'), missing: fileAt('/v/2') };
    },
    close: async () => undefined,
  };
});
