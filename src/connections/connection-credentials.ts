import { Inject, Injectable } from '@nestjs/common';
import { ENV, type Env } from '../platform/config/env.js';
import { SecretBox } from '../platform/crypto/secret-box.js';
import { InvalidInputError } from '../platform/errors/app-error.js';
import { SimulatorNotAllowedError } from './connection.errors.js';
import { ProviderFactory } from '../providers/provider.factory.js';
import type { ProviderName } from '../providers/whatsapp-provider.js';

export type SealedCredentials = {
  readonly credentials: Buffer;
  readonly credentialsKeyId: string;
  readonly externalId: string | null;
  readonly accountId: string | null;
};

/** The credential a provider's webhooks name the connection by; null where the address they go to names it. */
const ROUTING_FIELD: Record<ProviderName, string | null> = {
  official: 'phoneNumberId',
  twilio: null,
  evolution: null,
  baileys: null,
  simulator: null,
};

/** Credentials on their way into the database and out of it to the provider; nowhere else. */
@Injectable()
export class ConnectionCredentials {
  constructor(
    private readonly factory: ProviderFactory,
    private readonly box: SecretBox,
    @Inject(ENV) private readonly env: Env,
  ) {}

  isAllowed(provider: ProviderName): boolean {
    return provider !== 'simulator' || this.env.simulatorAllowed;
  }

  /**
   * @throws InvalidInputError not what the provider needs; names the fields, never their values
   * @throws SimulatorNotAllowedError
   */
  seal(provider: ProviderName, given: Readonly<Record<string, unknown>>): SealedCredentials {
    if (!this.isAllowed(provider)) throw new SimulatorNotAllowedError();
    const parsed = this.factory.get(provider).credentialsSchema.safeParse(given);
    if (!parsed.success)
      throw new InvalidInputError(
        parsed.error.issues.map(({ path, message }) => ({ field: ['credentials', ...path].join('.'), message })),
      );
    const { keyId, sealed } = this.box.seal(JSON.stringify(parsed.data));
    const routing = ROUTING_FIELD[provider];
    const accountId = parsed.data['wabaId'];
    const externalId = routing === null ? null : parsed.data[routing];
    return {
      credentials: sealed,
      credentialsKeyId: keyId,
      externalId: typeof externalId === 'string' ? externalId : null,
      accountId: typeof accountId === 'string' ? accountId : null,
    };
  }

  open(keyId: string, sealed: Buffer): Readonly<Record<string, string>> {
    return JSON.parse(this.box.open(keyId, sealed)) as Readonly<Record<string, string>>;
  }
}
