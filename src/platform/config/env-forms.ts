import { isIP } from 'node:net';
import { z } from 'zod';

export const httpUrl = z.url({ protocol: /^https?$/, error: 'must be a URL that starts with http:// or https://' });

const HOST_NAME = /^(?=.{1,253}$)(?!-)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/;
/** Names that Fastify knows for whole networks. */
const NETWORK_NAMES = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** @param schemes without the colon */
export function isUrlOf(schemes: readonly string[], value: string): boolean {
  return schemes.some((scheme) => value.startsWith(`${scheme}://`)) && URL.canParse(value);
}

export function isHost(value: string): boolean {
  if (isIP(value) !== 0) return true;
  // What ends in a number is an IPv4 address or nothing (URL standard, 3.5 Host parsing).
  return HOST_NAME.test(value) && !/(?:^|\.)\d+$/.test(value);
}

/** An address, a network in CIDR notation, or one of Fastify's names. */
export function isProxy(value: string): boolean {
  if (NETWORK_NAMES.has(value)) return true;
  const [address = '', bits, ...rest] = value.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/** `no-reply@example.com` or `Example <no-reply@example.com>`. */
export function isMailAddress(value: string): boolean {
  const address = /^[^<>\r\n]*<([^<>]+)>$/.exec(value)?.[1] ?? value;
  return /^[^\s@<>]+@[^\s@<>]+$/.test(address);
}
