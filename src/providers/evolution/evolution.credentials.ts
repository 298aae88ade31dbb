import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { mayBePublic } from '../../platform/http/public-address.js';

const visible = z.string().regex(/^[\x21-\x7e]{1,1024}$/, 'visible ASCII without spaces');

/**
 * Where an Evolution server may be: anywhere by https, on a network of one's own by http too. The address is the
 * tenant's choice and the request is ours, so it is a way to reach what this machine reaches: redirects are not
 * followed, link-local addresses (the clouds' metadata services) are refused, and in production all private ones unless
 * the operator allows them. A name is not resolved here, for it may mean something else by the time of the send.
 */
export function isAllowedBaseUrl(value: string): boolean {
  const url = URL.parse(value);
  if (!url || url.username || url.password || url.search || url.hash) return false;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (isIn(LINK_LOCAL, host)) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isPrivateHost(host));
}

function isPrivateHost(host: string): boolean {
  if (isIP(host)) return isIn(PRIVATE, host);
  return !host.includes('.') || /\.(local|localhost|internal|lan|home\.arpa|test)$/.test(host);
}

const PRIVATE = new BlockList();
PRIVATE.addSubnet('127.0.0.0', 8);
PRIVATE.addSubnet('10.0.0.0', 8);
PRIVATE.addSubnet('172.16.0.0', 12);
PRIVATE.addSubnet('192.168.0.0', 16);
PRIVATE.addSubnet('100.64.0.0', 10);
PRIVATE.addAddress('::1', 'ipv6');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');

const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet('169.254.0.0', 16);
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6');
LINK_LOCAL.addAddress('fd00:ec2::254', 'ipv6');

function isIn(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

const baseUrl = z
  .url({ protocol: /^https?$/ })
  .max(512)
  .refine(isAllowedBaseUrl, 'https, or http on a private network; without user, query or fragment');
const BASE_URL = 'Address of the Evolution server, such as https://evolution.example.com';

/** What a tenant enters to connect an instance of an Evolution API v2 server. */
export const evolutionCredentialsSchema = z
  .strictObject({
    baseUrl: baseUrl.describe(BASE_URL),
    apiKey: visible.describe('API key of the server, or the token of the instance'),
    instanceName: z
      .string()
      .regex(/^[^/\\?#\p{Cc}]{1,100}$/u, 'a name without / \\ ? or #')
      .refine((name) => name !== '.' && name !== '..', 'a name, not a way up')
      .describe('Name of the instance on that server'),
    webhookSecret: visible
      .optional()
      .describe(
        'Your own long random choice. Evolution sends it as the webhook header x-webhook-secret, or signs a token ' +
          'with it (header jwt_key). Without it the connection sends, and every webhook is refused with 401',
      ),
  })
  .meta({ id: 'EvolutionCredentials' });
export type EvolutionCredentials = z.infer<typeof evolutionCredentialsSchema>;

/** The same where tenants are kept out of this server's own network; a name is checked when it is connected to. */
export const publicCredentialsSchema = evolutionCredentialsSchema.extend({
  baseUrl: baseUrl
    .refine(isPublicUrl, 'on the public internet, unless the operator sets EVOLUTION_PRIVATE_ALLOWED')
    .describe(BASE_URL),
});

function isPublicUrl(value: string): boolean {
  return mayBePublic(URL.parse(value)?.hostname ?? '');
}
