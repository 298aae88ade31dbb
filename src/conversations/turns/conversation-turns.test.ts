import { describe, expect, it } from 'vitest';
import { ScriptedEngine } from '../../../test/support/message-path.js';
import type { Handoff } from '../handover/handoff.js';
import type { Claimed, Decision, UnreadRow } from './claimed.js';
import { ConversationTurns, MAX_FAILS } from './conversation-turns.js';
import type { EngineOutput } from './turn-engine.js';

const NOW = '2026-03-04T05:06:07.000Z';
const BY_FLOW: Handoff = { team: 'ventas', note: 'quiere factura', by: 'flow', at: NOW };

const message: UnreadRow = {
  id: '1',
  conversationId: 'c1',
  kind: 'msg',
  dedupeKey: 'w1',
  body: { type: 'text', text: 'hola' },
  receivedAt: new Date(NOW),
  isLate: false,
  providerAt: new Date(NOW),
  isSuperseded: false,
  isTold: false,
};
const result: UnreadRow = { ...message, kind: 'effect_result', body: { effectId: 'e1', ok: true, output: null } };

function makeClaimed(overrides: Partial<Claimed> = {}): Claimed {
  return {
    id: 'c1',
    tenantId: 't1',
    botId: 'b1',
    connectionId: 'n1',
    contactId: 'p1',
    phone: null,
    profileName: null,
    mode: 'bot',
    state: null,
    versionId: 'v1',
    turn: 0,
    fails: 0,
    now: new Date(NOW),
    parkedReason: null,
    bot: { isActive: true, activeVersionId: 'v1', locale: 'es', timeZone: 'UTC', latePolicy: 'answer_if_last' },
    ...overrides,
  };
}

function take(claimed: Claimed, row: UnreadRow | null, say: () => Partial<EngineOutput>): Promise<Decision> {
  const engine = new ScriptedEngine();
  engine.script = say;
  return new ConversationTurns(engine, claimed).take(row ? [row] : [], false);
}

describe('why a person has the conversation', () => {
  it('keeps what the flow says to whom it calls, and logs no words of it', async () => {
    const call = { mode: 'human', handoff: { team: 'ventas', note: 'quiere factura' } } as const;
    const decision = await take(makeClaimed(), message, () => call);
    expect(decision.patch).toMatchObject({ mode: 'human', handoff: BY_FLOW, is_called: true, parked_reason: null });
    expect(JSON.stringify(decision.log)).not.toContain('factura');
  });

  it('is the flow, of which nothing more is known, when it only falls silent', async () => {
    const { patch } = await take(makeClaimed(), message, () => ({ mode: 'human' }));
    expect(patch.handoff).toEqual({ team: null, note: null, by: 'flow', at: NOW });
    expect(patch.is_called).toBe(false);
  });

  it('changes when the flow calls the next team, which is not a second handoff', async () => {
    const claimed = makeClaimed({ mode: 'human', state: { handedOver: true } });
    const { patch } = await take(claimed, null, () => ({ mode: 'human', handoff: { team: 'jefe', note: null } }));
    const handoff = { team: 'jefe', note: null, by: 'flow', at: NOW };
    expect(patch).toMatchObject({ handoff, is_called: true, is_taken_back: false });
  });

  it('stays while the flow waits, and goes when the flow takes the conversation back', async () => {
    const claimed = makeClaimed({ mode: 'human', state: { handedOver: true } });
    const { patch: waiting } = await take(claimed, null, () => ({ mode: 'human' }));
    expect(waiting).toMatchObject({ mode: 'human', is_called: false, is_taken_back: false });
    const { patch: back } = await take(claimed, null, () => ({ mode: 'bot' }));
    expect(back).toMatchObject({ mode: 'bot', handoff: null, is_taken_back: true });
  });

  it('stays the person’s who took over, whatever a late result makes the flow say', async () => {
    const claimed = makeClaimed({ mode: 'human', state: { awaiting: true } });
    for (const mode of ['bot', 'human'] as const) {
      const handoff = mode === 'human' ? { team: 'ventas', note: 'tarde' } : null;
      const { patch } = await take(claimed, result, () => ({ mode, handoff, state: {} }));
      expect(patch).toMatchObject({ mode: 'human', handoff: null, is_taken_back: false });
    }
  });

  it('INV-3: is that it was parked, unless a person had it before', async () => {
    const broken = () => {
      throw new Error('cannot read this');
    };
    const parked = await take(makeClaimed({ fails: MAX_FAILS - 1 }), message, broken);
    expect(parked.patch).toMatchObject({ mode: 'human', parked_reason: 'cannot read this' });
    expect(parked.patch.handoff).toEqual({ team: null, note: null, by: 'parked', at: NOW });
    const called = { fails: MAX_FAILS - 1, mode: 'human', state: { handedOver: true } } as const;
    const again = await take(makeClaimed(called), null, broken);
    expect(again.patch).toMatchObject({ parked_reason: 'cannot read this', is_called: false });
    const once = await take(makeClaimed(), message, broken);
    expect(once.patch).toMatchObject({ mode: 'bot', handoff: null, fails: 1 });
  });
});
