import { describe, expect, it } from 'vitest';
import { isPublicAddress, lookupPublic, mayBePublic } from './public-address.js';

describe('a public address', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700:4700::1111', '2a00:1450::1'])('is %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
    expect(mayBePublic(address.includes(':') ? `[${address}]` : address)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    'fc00::1',
    'fe80::1',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
  ])('is not %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
    expect(mayBePublic(address.includes(':') ? `[${address}]` : address)).toBe(false);
  });

  it('is not hidden by another way to write it', () => {
    for (const url of [
      'http://2130706433',
      'http://0x7f.1',
      'http://127.1',
      'http://[::ffff:7f00:1]',
      'http://017700000001',
    ])
      expect(mayBePublic(new URL(url).hostname)).toBe(false);
  });
});

describe('a name', () => {
  it('may be public unless it says that it is of this network', () => {
    expect(mayBePublic('hooks.tienda.mx')).toBe(true);
    for (const name of ['localhost', 'redis', 'a.localhost', 'db.internal', 'nas.local', 'localhost.'])
      expect([name, mayBePublic(name)]).toEqual([name, false]);
  });

  it('is not connected to when it means an address of this machine', async () => {
    const refused = new Promise((resolve) => lookupPublic('localhost', {}, (error) => resolve(error?.code)));
    expect(await refused).toBe('ENOTPUBLIC');
  });

  it('that nobody has is told as such', async () => {
    const refused = new Promise((resolve) =>
      lookupPublic('no-such-name.invalid', { all: true }, (error) => resolve(error)),
    );
    expect(await refused).toMatchObject({ syscall: 'getaddrinfo' });
  });
});
