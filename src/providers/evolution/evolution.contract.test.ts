import { startEvolutionDouble } from '../../../test/support/evolution-double.js';
import { keepsTheContract } from '../../../test/support/provider-contract.js';
import { EvolutionProvider } from './evolution.provider.js';

keepsTheContract('evolution', async () => {
  const evolution = await startEvolutionDouble();
  evolution.addInstance('shop');
  const provider = new EvolutionProvider(true);
  const credentials = { baseUrl: evolution.url, apiKey: evolution.apiKey, instanceName: 'shop' };
  return {
    provider,
    account: { connectionId: 'c-1', credentials },
    incomplete: { connectionId: 'c-1', credentials: {} },
    to: { address: '5215512345678@s.whatsapp.net', phone: '+5215512345678' },
    messageId: '3EB0A1B2C3D4E5F60718',
    template: 'bienvenida',
    arrived: async () => evolution.accepted.length,
    meet: (fault, arrives = false) => {
      if (fault === 'refusal') evolution.failNext({ kind: 'error', status: 400, message: ['Bad'] });
      else evolution.failNext({ kind: fault === 'silence' ? 'hang' : 'drop', accepts: arrives });
    },
    keep: (bytes) => {
      evolution.chat.files.set('m-1', { mimeType: 'image/png', bytes });
      return { media: { id: 'm-1', mimeType: 'image/png' }, missing: { id: 'm-2', mimeType: 'image/png' } };
    },
    close: async () => {
      await provider.onModuleDestroy();
      await evolution.stop();
    },
  };
});
