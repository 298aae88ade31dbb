import { Injectable } from '@nestjs/common';
import { FlowsService } from '../../flows/flows.service.js';
import { type EngineEffect, type EngineEvent, type EngineInput, type EngineOutput, TurnEngine } from './turn-engine.js';

/** A version and those of the flows it calls. */
type Loaded = Pick<TurnInput, 'flow' | 'subflows'>;
type TurnInput = Parameters<FlowsService['runTurn']>[0];
type TurnResult = ReturnType<FlowsService['runTurn']>;
type State = TurnInput['state'];

/** The flow engine behind the turn loop: its words on one side, the path's rows on the other. */
@Injectable()
export class FlowTurnEngine extends TurnEngine<Loaded> {
  constructor(private readonly flows: FlowsService) {
    super();
  }

  async load(versionId: string): Promise<Loaded> {
    const [flow, subflows] = await Promise.all([
      this.flows.loadCompiled(versionId),
      this.flows.loadSubflows(versionId),
    ]);
    return { flow, subflows };
  }

  run({ event, state, flow, ...input }: EngineInput<Loaded>): EngineOutput {
    const result = this.flows.runTurn({ ...input, ...flow, state: state as State, events: [toTurnEvent(event)] });
    const lang = result.state?.lang ?? 'es';
    return {
      state: result.state,
      isRunning: result.state !== null && result.state.mode !== 'ended',
      mode: result.mode,
      handoff: toHandoff(result),
      effects: result.effects.flatMap((effect) => toEngineEffect(effect, lang)),
      wakeAtMs: result.wakeAtMs,
      outcome: result.outcome ?? null,
      fault: result.fault ? `${result.fault.code} at ${result.fault.flow}/${result.fault.step ?? '-'}` : null,
      isUnread: result.unread.length > 0,
    };
  }

  isAwaitingEffect(state: unknown): boolean {
    return (state as State)?.wait?.kind === 'effect';
  }

  isHandedOver(state: unknown): boolean {
    return (state as State)?.mode === 'human';
  }
}

function toTurnEvent(event: EngineEvent): TurnInput['events'][number] {
  if (event.kind !== 'effect_result') return event;
  const { result } = event;
  if (result.ok) return { kind: 'result', effectId: result.effectId, ok: true, output: result.output };
  const { code, message, status, details } = result.error;
  return { kind: 'result', effectId: result.effectId, ok: false, error: code, message, status, output: details };
}

/** Of several in one turn the last is who is called now. */
function toHandoff({ effects }: TurnResult): EngineOutput['handoff'] {
  const handoff = effects.findLast((effect) => effect.kind === 'handoff');
  return handoff ? { team: handoff.team, note: handoff.note } : null;
}

/** A handoff is no row: the conversation itself and the log say it. */
function toEngineEffect(effect: TurnResult['effects'][number], lang: string): EngineEffect[] {
  if (effect.kind === 'handoff') return [];
  if (effect.kind === 'send') return [{ kind: 'send', content: effect.content, resend: effect.resend }];
  const { kind, key, ...body } = effect;
  return [{ kind, key, body: { ...body, lang } }];
}
