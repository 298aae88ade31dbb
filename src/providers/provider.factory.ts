import { Injectable } from '@nestjs/common';
import { BaileysProvider } from '../devices/baileys.provider.js';
import { EvolutionProvider } from './evolution/evolution.provider.js';
import { OfficialProvider } from './official/official.provider.js';
import { UnknownProviderError } from './provider.errors.js';
import { SimulatorProvider } from './simulator/simulator.provider.js';
import { TwilioProvider } from './twilio/twilio.provider.js';
import type { ProviderName, WhatsAppProvider } from './whatsapp-provider.js';

/** The one place that lists the strategies: a new provider is a folder, a name and a line here. */
@Injectable()
export class ProviderFactory {
  private readonly byName: Record<ProviderName, WhatsAppProvider>;

  constructor(
    official: OfficialProvider,
    twilio: TwilioProvider,
    evolution: EvolutionProvider,
    baileys: BaileysProvider,
    simulator: SimulatorProvider,
  ) {
    this.byName = { official, twilio, evolution, baileys, simulator };
  }

  /** Null: the name was stored by a version that knew more providers. */
  find(name: string): WhatsAppProvider | null {
    return Object.hasOwn(this.byName, name) ? this.byName[name as ProviderName] : null;
  }

  /** @throws UnknownProviderError the name was stored by a version that knew more providers */
  get(name: string): WhatsAppProvider {
    if (!Object.hasOwn(this.byName, name)) throw new UnknownProviderError(name);
    return this.byName[name as ProviderName];
  }
}
