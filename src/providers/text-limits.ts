import { BAILEYS_CAPABILITIES } from './baileys/baileys.capabilities.js';
import { EVOLUTION_CAPABILITIES } from './evolution/evolution.capabilities.js';
import { OFFICIAL_CAPABILITIES } from './official/official.capabilities.js';
import { SIMULATOR_CAPABILITIES } from './simulator/simulator.capabilities.js';
import { TWILIO_CAPABILITIES } from './twilio/twilio.capabilities.js';
import type { ProviderCapabilities, ProviderName } from './whatsapp-provider.js';

/** For whoever has a connection and not its strategy: turns are run where linked devices are not held. */
const CAPABILITIES: Readonly<Record<ProviderName, ProviderCapabilities>> = {
  official: OFFICIAL_CAPABILITIES,
  twilio: TWILIO_CAPABILITIES,
  evolution: EVOLUTION_CAPABILITIES,
  baileys: BAILEYS_CAPABILITIES,
  simulator: SIMULATOR_CAPABILITIES,
};

const LIMITS: ReadonlyMap<string, number> = new Map(
  Object.entries(CAPABILITIES).map(([provider, { maxTextChars }]) => [provider, maxTextChars]),
);

/** What every connection takes in one text message, whichever provider it is with. In UTF-16 code units. */
export const FITS_EVERY_CONNECTION = Math.min(...LIMITS.values());

/** What one text message holds on a connection with this provider; the least of all for a name nobody knows. */
export function textLimitOf(provider: string): number {
  return LIMITS.get(provider) ?? FITS_EVERY_CONNECTION;
}
