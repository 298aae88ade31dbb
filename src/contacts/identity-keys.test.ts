import { describe, expect, it } from 'vitest';
import { identityKeys } from '../messages/identity-keys.js';

const keyOf = (phone: string) => identityKeys({ phone })[0];

describe('identityKeys', () => {
  it.each([
    ['Mexico', '+52 1 55 1234 5678', '+52 55 1234 5678'],
    ['Argentina', '+54 9 11 2345 6789', '+54 11 2345 6789'],
    ['Brazil', '+55 31 9 8765 4321', '+55 31 8765 4321'],
    ['Brazil, São Paulo', '5511987654321', '551187654321'],
  ])('folds both spellings of a mobile: %s', (_country, long, short) => {
    expect(keyOf(long)).toBe(keyOf(short));
  });

  it.each([
    ['a Brazilian mobile that never was eight digits is not the landline', '5531957654321', '553157654321'],
    ['an Argentine number of another length', '+54 9 11 2345 678', '+54 11 2345 678'],
    ['a Mexican number that only begins with 1', '+52 155 123 4567', '+52 55 123 4567'],
    ['other countries that look alike', '+51 9 8765 43210', '+51 8765 43210'],
  ])('keeps two people apart: %s', (_why, one, other) => {
    expect(keyOf(one)).not.toBe(keyOf(other));
  });

  it('reads E.164 and the digits of a wa_id alike', () => {
    expect(identityKeys({ phone: '+573001234567' })).toEqual(['tel:573001234567']);
    expect(identityKeys({ phone: '573001234567' })).toEqual(['tel:573001234567']);
  });

  it('leaves a BSUID as it is, dots and case included', () => {
    expect(identityKeys({ bsuid: 'MX.ENT.aB3', phone: '+5215512345678' })).toEqual([
      'tel:525512345678',
      'bsuid:MX.ENT.aB3',
    ]);
  });

  it('never makes a key of nothing', () => {
    expect(identityKeys({})).toEqual([]);
    expect(identityKeys({ phone: '', bsuid: '' })).toEqual([]);
    expect(identityKeys({ phone: '+', bsuid: null })).toEqual([]);
  });
});
