import { mayBePublic } from '../platform/http/public-address.js';
import { WebhookAddressError } from './webhooks.errors.js';

/**
 * What can be told without looking the name up; the connection itself checks what the name means (`lookupPublic`).
 *
 * @throws WebhookAddressError
 */
export function assertAllowedAddress(address: string, isPrivateAllowed: boolean): void {
  const url = new URL(address);
  if (url.username || url.password) throw new WebhookAddressError('A webhook address has no user and no password');
  if (isPrivateAllowed) return;
  if (url.protocol !== 'https:') throw new WebhookAddressError('A webhook address begins with https://');
  if (!mayBePublic(url.hostname)) throw new WebhookAddressError('A webhook address is on the public internet');
}
