import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ENV, type Env } from '../platform/config/env.js';
import { AuthState } from '../devices/auth-state.js';
import { BaileysProvider } from '../devices/baileys.provider.js';
import { BaileysSocketFactory } from './baileys/baileys-socket-factory.js';
import { SocketFactory } from './baileys/linked-socket.js';
import { LinkedCheck } from '../devices/linked-check.js';
import { OpenSessions } from '../devices/open-sessions.js';
import { SentMessages } from '../devices/sent-messages.js';
import { LinkedSessions } from '../devices/sessions/linked-sessions.service.js';
import { EvolutionProvider } from './evolution/evolution.provider.js';
import { META_GRAPH_URL, META_GRAPH_VERSION, OfficialProvider } from './official/official.provider.js';
import { ProviderFactory } from './provider.factory.js';
import { ProvidersHealth } from './providers.health.js';
import { SimulatorProvider } from './simulator/simulator.provider.js';
import { TWILIO_API_URL, TWILIO_PUBLIC_URL, TwilioProvider } from './twilio/twilio.provider.js';

/** The strategies, once in the process, and how each is. */
@Module({
  imports: [TerminusModule],
  providers: [
    { provide: META_GRAPH_URL, inject: [ENV], useFactory: (env: Env) => env.metaGraphUrl },
    { provide: META_GRAPH_VERSION, inject: [ENV], useFactory: (env: Env) => env.metaGraphVersion },
    { provide: TWILIO_API_URL, inject: [ENV], useFactory: (env: Env) => env.twilioApiUrl },
    { provide: TWILIO_PUBLIC_URL, inject: [ENV], useFactory: (env: Env) => env.publicUrl },
    OfficialProvider,
    TwilioProvider,
    EvolutionProvider,
    { provide: SocketFactory, useClass: BaileysSocketFactory },
    AuthState,
    OpenSessions,
    LinkedSessions,
    SentMessages,
    LinkedCheck,
    BaileysProvider,
    SimulatorProvider,
    ProviderFactory,
    ProvidersHealth,
  ],
  exports: [
    OfficialProvider,
    TwilioProvider,
    EvolutionProvider,
    SocketFactory,
    AuthState,
    OpenSessions,
    LinkedSessions,
    SentMessages,
    BaileysProvider,
    SimulatorProvider,
    ProviderFactory,
    ProvidersHealth,
  ],
})
export class ProviderStrategiesModule {}
