import { Injectable } from '@nestjs/common';
import { EvolutionProvider } from './evolution/evolution.provider.js';
import { OfficialProvider } from './official/official.provider.js';
import { UnknownProviderError } from './provider.errors.js';
import { SimulatorProvider } from './simulator/simulator.provider.js';
import { TwilioProvider } from './twilio/twilio.provider.js';
import type { ProviderName, WhatsAppProvider } from './whatsapp-provider.js';

/** The one place that lists the strategies: a new provider is a folder, a name and a line here. */
@Injectable()
export class ProviderFactory {
  private readonly byName: Record<Exclude<ProviderName, 'baileys'>, WhatsAppProvider> & { baileys?: WhatsAppProvider };

  constructor(
    official: OfficialProvider,
    twilio: TwilioProvider,
    evolution: EvolutionProvider,
    simulator: SimulatorProvider,
  ) {
    this.byName = { official, twilio, evolution, simulator };
  }

  /** Linked devices hand theirs in when they start: it holds sockets and leases, which no strategy here does. */
  register(provider: WhatsAppProvider & { readonly name: 'baileys' }): void {
    this.byName.baileys = provider;
  }

  /** Null: the name was stored by a version that knew more providers, or this process's role holds no linked devices. */
  find(name: string): WhatsAppProvider | null {
    return Object.hasOwn(this.byName, name) ? (this.byName[name as ProviderName] ?? null) : null;
  }

  /** @throws UnknownProviderError where `find` answers null */
  get(name: string): WhatsAppProvider {
    const provider = this.find(name);
    if (!provider) throw new UnknownProviderError(name);
    return provider;
  }
}
