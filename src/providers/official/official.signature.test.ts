import { describe, expect, it } from 'vitest';
import { answerHandshake, isSignedByMeta } from './official.signature.js';

const APP_SECRET = 'test-app-secret';
const BODY = String.raw`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","statuses":[]}}]}],"t":"ol\u00e1"}`;
const SIGNATURE = 'sha256=069b8bb529a1d3eba6f45964c621c1b7d513c18bfb0ab3f750bb717cded0c90d';

describe('signature of a Meta webhook', () => {
  it('accepts the published vector', () => {
    expect(isSignedByMeta(Buffer.from(BODY), SIGNATURE, APP_SECRET)).toBe(true);
  });

  it('refuses the same JSON with its accent written out', () => {
    const rewritten = JSON.stringify(JSON.parse(BODY));
    expect(rewritten).toContain('olá');
    expect(isSignedByMeta(Buffer.from(rewritten), SIGNATURE, APP_SECRET)).toBe(false);
  });

  it.each([
    ['another secret', BODY, SIGNATURE, 'other-secret'],
    ['one more byte', `${BODY} `, SIGNATURE, APP_SECRET],
    ['no header', BODY, undefined, APP_SECRET],
    ['an empty header', BODY, '', APP_SECRET],
    ['another algorithm', BODY, SIGNATURE.replace('sha256', 'sha1'), APP_SECRET],
    ['a shortened digest', BODY, SIGNATURE.slice(0, -2), APP_SECRET],
    ['a digest that is not hex', BODY, `sha256=${'z'.repeat(64)}`, APP_SECRET],
    ['one changed digit', BODY, SIGNATURE.replace(/d$/, 'e'), APP_SECRET],
  ])('refuses %s', (_, body, header, secret) => {
    expect(isSignedByMeta(Buffer.from(body), header, secret)).toBe(false);
  });
});

describe('verify handshake', () => {
  const query = { 'hub.mode': 'subscribe', 'hub.challenge': '1158201444', 'hub.verify_token': 'mine' };

  it('answers the challenge when the token is one of ours', () => {
    expect(answerHandshake(query, ['other', 'mine'])).toBe('1158201444');
  });

  it.each([
    ['a foreign token', { ...query, 'hub.verify_token': 'theirs' }],
    ['another mode', { ...query, 'hub.mode': 'unsubscribe' }],
    ['no challenge', { ...query, 'hub.challenge': undefined }],
    ['a token given twice', { ...query, 'hub.verify_token': ['mine', 'mine'] }],
    ['nothing', {}],
  ])('gives nothing for %s', (_, wrong) => {
    expect(answerHandshake(wrong, ['other', 'mine'])).toBeNull();
  });

  it('gives nothing when no line is connected yet', () => {
    expect(answerHandshake(query, [])).toBeNull();
  });
});
