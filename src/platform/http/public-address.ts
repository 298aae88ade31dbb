import { lookup as lookupName, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';

/** Everything that is not a host on the public internet (IANA's special-purpose registries, RFC 6890). */
const SPECIAL = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  SPECIAL.addSubnet(net, prefix);

const PUBLIC_6 = new BlockList();
PUBLIC_6.addSubnet('2000::', 3, 'ipv6');
/** Inside it, what is documentation or carries an IPv4 address of anybody's choice (Teredo, 6to4). */
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  SPECIAL.addSubnet(net, prefix, 'ipv6');

/** @param host a name or an address, as `URL.hostname` writes it; a name is nobody's address yet and passes */
export function mayBePublic(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (isIP(bare) !== 0) return isPublicAddress(bare);
  return bare.includes('.') && !/(^|\.)(localhost|local|internal|lan|home\.arpa)\.?$/.test(bare);
}

export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !SPECIAL.check(address, 'ipv4');
  return PUBLIC_6.check(address, 'ipv6') && !SPECIAL.check(address, 'ipv6');
}

type Answer = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/**
 * The look-up of a connection that must not leave the public internet: checked is the very address that is connected
 * to, so a name that means something else a moment later gains nothing. An address written out is not looked up: ask
 * `mayBePublic` first.
 */
export function lookupPublic(host: string, options: LookupOptions, answer: Answer): void {
  lookupName(host, { ...options, all: true }, (error, found) => {
    if (error) return answer(error, []);
    const first = found[0];
    if (!first || !found.every(({ address }) => isPublicAddress(address)))
      return answer(Object.assign(new Error(`${host} is not on the public internet`), { code: 'ENOTPUBLIC' }), []);
    return options.all ? answer(null, found) : answer(null, first.address, first.family);
  });
}
