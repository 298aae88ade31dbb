import { Injectable } from '@nestjs/common';
import { FlowsService } from '../../flows/flows.service.js';
import { type EngineInput, type EngineOutput, TurnEngine } from './turn-engine.js';

type CompiledFlow = Awaited<ReturnType<FlowsService['loadCompiled']>>;

/** The flow engine behind the turn loop. */
@Injectable()
export class FlowTurnEngine extends TurnEngine<CompiledFlow> {
  constructor(private readonly flows: FlowsService) {
    super();
  }

  load(versionId: string): Promise<CompiledFlow> {
    return this.flows.loadCompiled(versionId);
  }

  run(input: EngineInput<CompiledFlow>): EngineOutput {
    return this.flows.runTurn(input as never) as never;
  }

  isAwaitingEffect(state: unknown): boolean {
    return Boolean((state as { pending?: unknown[] } | null)?.pending?.length);
  }

  isHandedOver(state: unknown): boolean {
    return (state as { mode?: string } | null)?.mode === 'human';
  }
}
