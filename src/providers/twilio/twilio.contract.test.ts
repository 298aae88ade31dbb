import { startTwilioDouble } from '../../../test/support/twilio-double.js';
import { DOUBLE_ACCOUNT_SID, DOUBLE_AUTH_TOKEN, newSid } from '../../../test/support/twilio-double-webhook.js';
import { keepsTheContract } from '../../../test/support/provider-contract.js';
import { TwilioProvider } from './twilio.provider.js';

keepsTheContract('twilio', async () => {
  const twilio = await startTwilioDouble();
  const provider = new TwilioProvider(twilio.url);
  const credentials = { accountSid: DOUBLE_ACCOUNT_SID, authToken: DOUBLE_AUTH_TOKEN, from: '+14155238886' };
  const fileAt = (id: string) => ({
    id: `${twilio.url}/2010-04-01/Accounts/${DOUBLE_ACCOUNT_SID}/Messages/${newSid('MM')}/Media/${id}`,
    mimeType: 'image/png',
  });
  return {
    provider,
    account: { connectionId: 'c-1', credentials },
    incomplete: { connectionId: 'c-1', credentials: {} },
    to: { address: '5215512345678', phone: '+5215512345678' },
    messageId: newSid('SM'),
    template: `HX${'0'.repeat(32)}`,
    arrived: async () => twilio.accepted.length,
    meet: (fault, arrives = false) => {
      if (fault === 'refusal') twilio.failNext(63024);
      else twilio.failNext({ kind: fault === 'silence' ? 'hang' : 'drop', accepts: arrives });
    },
    keep: (bytes) => {
      twilio.media.files.set('ME1', { mimeType: 'image/png', bytes });
      return { media: fileAt('ME1'), missing: fileAt('ME2') };
    },
    close: async () => {
      await provider.onModuleDestroy();
      await twilio.stop();
    },
  };
});
