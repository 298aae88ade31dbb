import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ENV, type Env } from '../platform/config/env.js';
import { EVOLUTION_PRIVATE_ALLOWED, EvolutionProvider } from './evolution/evolution.provider.js';
import { META_GRAPH_URL, META_GRAPH_VERSION, OfficialProvider } from './official/official.provider.js';
import { ProviderFactory } from './provider.factory.js';
import { ProvidersHealth } from './providers.health.js';
import { SimulatorProvider } from './simulator/simulator.provider.js';
import { TWILIO_API_URL, TWILIO_PUBLIC_URL, TwilioProvider } from './twilio/twilio.provider.js';

/** The strategies, once in the process, and how each is. The one with sockets comes from devices/. */
@Module({
  imports: [TerminusModule],
  providers: [
    { provide: META_GRAPH_URL, inject: [ENV], useFactory: (env: Env) => env.metaGraphUrl },
    { provide: META_GRAPH_VERSION, inject: [ENV], useFactory: (env: Env) => env.metaGraphVersion },
    { provide: TWILIO_API_URL, inject: [ENV], useFactory: (env: Env) => env.twilioApiUrl },
    { provide: TWILIO_PUBLIC_URL, inject: [ENV], useFactory: (env: Env) => env.publicUrl },
    { provide: EVOLUTION_PRIVATE_ALLOWED, inject: [ENV], useFactory: (env: Env) => env.evolutionPrivateAllowed },
    OfficialProvider,
    TwilioProvider,
    EvolutionProvider,
    SimulatorProvider,
    ProviderFactory,
    ProvidersHealth,
  ],
  exports: [SimulatorProvider, ProviderFactory, ProvidersHealth],
})
export class ProvidersModule {}
