import { Module } from '@nestjs/common';
import { OfficialProvider } from './official/official.provider.js';
import { ProviderFactory } from './provider.factory.js';
import { SimulatorProvider } from './simulator/simulator.provider.js';

/** The strategies, once in the process. */
@Module({
  providers: [OfficialProvider, SimulatorProvider, ProviderFactory],
  exports: [OfficialProvider, SimulatorProvider, ProviderFactory],
})
export class ProviderStrategiesModule {}
