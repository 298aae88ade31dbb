import type { ProviderName } from '../../providers/whatsapp-provider.js';

/**
 * How long a reported failure may still turn out to be an arrival, in seconds (docs/decisions/030). Short where the
 * provider's failure is the end of the message; a minute where its statuses come in any order and are told by others.
 */
const SECONDS: Readonly<Record<ProviderName, number>> = {
  official: 60,
  evolution: 60,
  twilio: 10,
  baileys: 10,
  simulator: 10,
};

/** SQL: the interval of the connection with this id. */
export function failurePatienceOf(connectionId: string): string {
  const cases = Object.entries(SECONDS).map(([provider, seconds]) => `when '${provider}' then ${seconds}`);
  return `(select (case provider ${cases.join(' ')} else 60 end) * interval '1 second'
    from connection where id = ${connectionId})`;
}
