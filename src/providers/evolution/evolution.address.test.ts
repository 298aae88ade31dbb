import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJid, toPerson } from '../whatsapp-web/jid.js';
import { foldDialled, toEvolutionNumber } from './evolution.address.js';

describe('a dialled number', () => {
  it.each([
    ['5511987654321', '5511987654321'],
    ['5531987654321', '553187654321'],
    ['5531957654321', '5531957654321'],
    ['553187654321', '553187654321'],
    ['5215512345678', '525512345678'],
    ['525512345678', '525512345678'],
    ['5491123456789', '541123456789'],
    ['541123456789', '541123456789'],
    ['14155238886', '14155238886'],
  ])('%s is written as Evolution would: %s', (dialled, written) => {
    expect(foldDialled(dialled)).toBe(written);
    expect(toEvolutionNumber(`+${dialled}`)).toBe(written);
  });

  it('written once stays as it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^(52|54|55)\d{8,12}$/), (digits) => {
        expect(foldDialled(foldDialled(digits))).toBe(foldDialled(digits));
      }),
    );
  });
});

describe('the number of a send', () => {
  it('is a JID as we were told it, without its device', () => {
    expect(toEvolutionNumber('5215512345678@s.whatsapp.net')).toBe('5215512345678@s.whatsapp.net');
    expect(toEvolutionNumber('5215512345678:90@s.whatsapp.net')).toBe('5215512345678@s.whatsapp.net');
    expect(toEvolutionNumber('87654321@lid')).toBe('87654321@lid');
  });

  it.each(['MX.1234', 'x', '', '12', '120363000000000001@g.us', 'status@broadcast', '1@newsletter'])(
    'is nobody’s for "%s"',
    (address) => expect(toEvolutionNumber(address)).toBeNull(),
  );
});

describe('a person', () => {
  const known = { address: '5215512345678@s.whatsapp.net', phone: '+5215512345678', lid: '87654321' };

  it.each([
    [['87654321@lid', '5215512345678@s.whatsapp.net']],
    [['5215512345678@s.whatsapp.net', '87654321@lid']],
    [['5215512345678:12@s.whatsapp.net', '87654321:3@lid']],
    [['5215512345678_1:12@c.us', '87654321@hosted.lid']],
  ])('is the same whichever field holds the phone: %j', (jids) => expect(toPerson(jids)).toEqual(known));

  it('may be known by the hidden id alone, and is never a phone number then', () => {
    expect(toPerson(['87654321@lid', undefined])).toEqual({ address: '87654321@lid', phone: null, lid: '87654321' });
  });

  it.each([[['1203-4@g.us']], [['status@broadcast']], [['0@s.whatsapp.net']], [['']], [[undefined]], [['x@lid']]])(
    'is nobody in %j',
    (jids) => expect(toPerson(jids)).toBeNull(),
  );
});

it('reads what a JID names', () => {
  expect(readJid('120363000000000001@g.us')).toEqual({ user: '120363000000000001', kind: 'group' });
  expect(readJid('5215512345678-1500000000@g.us')).toEqual({ user: '5215512345678-1500000000', kind: 'group' });
  expect(readJid('12@newsletter')).toEqual({ user: '12', kind: 'other' });
  expect(readJid('5215512345678@hosted')).toEqual({ user: '5215512345678', kind: 'phone' });
  expect(readJid('no jid')).toBeNull();
});
