import { startGraphDouble } from '../../../test/support/graph-double.js';
import { keepsTheContract } from '../../../test/support/provider-contract.js';
import { OfficialProvider } from './official.provider.js';

keepsTheContract('official', async () => {
  const graph = await startGraphDouble({ latencyMs: 0 });
  const provider = new OfficialProvider(graph.url);
  const credentials = { phoneNumberId: '1001', accessToken: 'test-access-token', appSecret: 's', verifyToken: 'v' };
  return {
    provider,
    account: { connectionId: 'c-1', credentials },
    incomplete: { connectionId: 'c-1', credentials: {} },
    to: { address: '5215512345678', phone: '+5215512345678' },
    messageId: 'wamid.IN1',
    template: 'bienvenida',
    arrived: async () => graph.accepted.length,
    meet: (fault, arrives = false) => {
      if (fault === 'refusal') graph.failNext(131026);
      else graph.failNext({ kind: fault === 'silence' ? 'hang' : 'drop', accepts: arrives });
    },
    keep: (bytes) => {
      graph.media.files.set('m-1', { mimeType: 'image/png', bytes });
      return { media: { id: 'm-1', mimeType: 'image/png' }, missing: { id: 'm-2', mimeType: 'image/png' } };
    },
    close: async () => {
      await provider.onModuleDestroy();
      await graph.stop();
    },
  };
});
