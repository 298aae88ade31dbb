import { describe, expect, it } from 'vitest';
import type { FlowsService } from '../../flows/flows.service.js';
import { FlowTurnEngine } from './flow-turn-engine.js';
import type { EngineEvent } from './turn-engine.js';

type TurnInput = Parameters<FlowsService['runTurn']>[0];
type TurnResult = ReturnType<FlowsService['runTurn']>;

/** Flows that say what the test wants and keep what they heard. */
class SaidFlows {
  readonly heard: TurnInput['events'][number][] = [];

  constructor(private readonly effects: TurnResult['effects'] = []) {}

  runTurn({ events }: TurnInput): TurnResult {
    this.heard.push(...events);
    return { state: null, mode: 'human', effects: this.effects, wakeAtMs: null, trace: [], unread: [] };
  }
}

function runTurn(flows: SaidFlows, event: EngineEvent = { kind: 'timer' }) {
  const contact = { id: 'p1', name: null, phone: null, lang: 'es' };
  const flow = {} as Parameters<FlowTurnEngine['run']>[0]['flow'];
  const input = { flow, state: null, event, nowMs: 0, conversationId: 'c1', turn: 1, contact, timeZone: 'UTC' };
  return new FlowTurnEngine(flows as unknown as FlowsService).run(input);
}

describe('the flow engine behind the turn loop', () => {
  it('says whom the flow called last, and makes no row of it', () => {
    const call = (team: string | null, note: string | null) =>
      ({ kind: 'handoff', key: `${team}`, team, note }) as const;
    const output = runTurn(new SaidFlows([call('ventas', null), call('caja', 'pagó y no llegó')]));
    expect(output).toMatchObject({ handoff: { team: 'caja', note: 'pagó y no llegó' }, effects: [] });
    expect(runTurn(new SaidFlows()).handoff).toBeNull();
  });

  it('hands the flow an API’s status along with its failure', () => {
    const flows = new SaidFlows();
    const failure = { code: 'error', message: 'Not found', status: 404, details: { hint: 'x' } };
    runTurn(flows, { kind: 'effect_result', result: { effectId: 'e1', ok: false, error: failure } });
    expect(flows.heard).toEqual([
      {
        kind: 'result',
        effectId: 'e1',
        ok: false,
        error: 'error',
        message: 'Not found',
        status: 404,
        output: { hint: 'x' },
      },
    ]);
  });
});
