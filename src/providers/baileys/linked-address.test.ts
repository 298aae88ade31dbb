import { expect, it } from 'vitest';
import { toDestination, toGroupId, toLinkedAddress } from './linked-address.js';

it.each([
  ['5215511112222@s.whatsapp.net', undefined, '5215511112222@s.whatsapp.net', '+5215511112222', null],
  ['5215511112222:90@s.whatsapp.net', '900100@lid', '5215511112222@s.whatsapp.net', '+5215511112222', '900100'],
  ['900100:3@lid', '5215511112222:0@s.whatsapp.net', '900100@lid', '+5215511112222', '900100'],
  ['900100@lid', null, '900100@lid', null, '900100'],
  ['5215511112222@c.us', '', '5215511112222@s.whatsapp.net', '+5215511112222', null],
  ['5215511112222@hosted', '900100@hosted.lid', '5215511112222@s.whatsapp.net', '+5215511112222', '900100'],
])('answers %s (also %s) at the id it came from', (jid, alt, address, phone, lid) => {
  expect(toLinkedAddress(jid, alt)).toEqual({ address, phone, lid });
});

it.each(['status@broadcast', '120363000000000001@g.us', '1203@newsletter', '13135550002@bot', '', 'x', null])(
  'finds nobody to talk with in %s',
  (jid) => {
    expect(toLinkedAddress(jid)).toBeNull();
  },
);

it('knows a group from a person', () => {
  expect(toGroupId('120363000000000001@g.us')).toBe('120363000000000001@g.us');
  expect(toGroupId('521551-16000@g.us')).toBe('521551-16000@g.us');
  expect(toGroupId('5215511112222@s.whatsapp.net')).toBeNull();
});

it('sends to an id as it is told, and asks about a dialled number in every spelling', () => {
  expect(toDestination({ address: '900100:3@lid', phone: '+5215511112222' })).toEqual({ jid: '900100@lid' });
  const numbersOf = (address: string, phone: string | null = null) => toDestination({ address, phone });
  expect(numbersOf('525511112222')).toEqual({ numbers: ['525511112222', '5215511112222'] });
  expect(numbersOf('5215511112222')).toEqual({ numbers: ['5215511112222', '525511112222'] });
  expect(numbersOf('5491123456789')).toEqual({ numbers: ['5491123456789', '541123456789'] });
  expect(numbersOf('5531987654321')).toEqual({ numbers: ['5531987654321', '553187654321'] });
  expect(numbersOf('553187654321')).toEqual({ numbers: ['553187654321', '5531987654321'] });
  expect(numbersOf('14155550100')).toEqual({ numbers: ['14155550100'] });
  // Meta's id of a person says nothing here, and the number beside it does.
  expect(numbersOf('MX.abc123', '+14155550100')).toEqual({ numbers: ['14155550100'] });
  expect(numbersOf('MX.abc123')).toBeNull();
});
