import { describe, expect, it } from 'vitest';
import { ScriptedEngine } from '../../../test/support/message-path.js';
import type { Handoff } from '../handover/handoff.js';
import type { Claimed, Decision, UnreadRow } from './claimed.js';
import { ConversationTurns, MAX_FAILS } from './conversation-turns.js';
import type { EngineOutput } from './turn-engine.js';

const NOW = '2026-03-04T05:06:07.000Z';
const EARLIER = '2026-03-04T04:00:00.000Z';
const BY_FLOW: Handoff = { team: 'ventas', note: 'quiere factura', by: 'flow', at: EARLIER };
const BY_PERSON: Handoff = { team: null, note: null, by: 'person', at: EARLIER };

const message: UnreadRow = {
  id: '1',
  conversationId: 'c1',
  kind: 'msg',
  dedupeKey: 'w1',
  body: { type: 'text', text: 'hola' },
  receivedAt: new Date(NOW),
  isLate: false,
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
    handoff: null,
    bot: { isActive: true, activeVersionId: 'v1', locale: 'es', timeZone: 'UTC' },
    ...overrides,
  };
}

function take(claimed: Claimed, row: UnreadRow | null, say: () => Partial<EngineOutput>): Promise<Decision> {
  const engine = new ScriptedEngine();
  engine.script = say;
  return new ConversationTurns(engine, claimed).take(row ? [row] : [], false);
}
const handoffsIn = ({ log }: Decision) => log.filter(({ kind }) => kind === 'handoff').map(({ body }) => body);

describe('why a person has the conversation', () => {
  it('keeps what the flow says to whom it calls, and logs no words of it', async () => {
    const call = { mode: 'human', handoff: { team: 'ventas', note: 'quiere factura' } } as const;
    const decision = await take(makeClaimed(), message, () => call);
    expect(decision.patch.handoff).toEqual({ ...BY_FLOW, at: NOW });
    expect(handoffsIn(decision)).toEqual([{ conversationId: 'c1', by: 'flow', team: 'ventas' }]);
  });

  it('is the flow, of which nothing more is known, when it only falls silent', async () => {
    const { patch } = await take(makeClaimed(), message, () => ({ mode: 'human' }));
    expect(patch.handoff).toEqual({ team: null, note: null, by: 'flow', at: NOW });
  });

  it('changes when the flow calls the next team, which is not a second handoff', async () => {
    const claimed = makeClaimed({ mode: 'human', state: { handedOver: true }, handoff: BY_FLOW });
    const decision = await take(claimed, null, () => ({ mode: 'human', handoff: { team: 'jefe', note: null } }));
    expect(decision.patch.handoff).toEqual({ team: 'jefe', note: null, by: 'flow', at: NOW });
    expect(handoffsIn(decision)).toEqual([]);
  });

  it('stays while the flow waits, and goes when the flow takes the conversation back', async () => {
    const claimed = makeClaimed({ mode: 'human', state: { handedOver: true }, handoff: BY_FLOW });
    expect((await take(claimed, null, () => ({ mode: 'human' }))).patch.handoff).toEqual(BY_FLOW);
    expect((await take(claimed, null, () => ({ mode: 'bot' }))).patch).toMatchObject({ mode: 'bot', handoff: null });
  });

  it('stays the person’s who took over, whatever a late result makes the flow say', async () => {
    const claimed = makeClaimed({ mode: 'human', state: { awaiting: true }, handoff: BY_PERSON });
    for (const mode of ['bot', 'human'] as const) {
      const handoff = mode === 'human' ? { team: 'ventas', note: 'tarde' } : null;
      const { patch } = await take(claimed, result, () => ({ mode, handoff, state: {} }));
      expect(patch).toMatchObject({ mode: 'human', handoff: BY_PERSON });
    }
  });

  it('INV-3: is that it was parked, unless a person had it before', async () => {
    const broken = () => {
      throw new Error('cannot read this');
    };
    const parked = await take(makeClaimed({ fails: MAX_FAILS - 1 }), message, broken);
    expect(parked.patch).toMatchObject({ mode: 'human', parked_reason: 'cannot read this' });
    expect(parked.patch.handoff).toEqual({ team: null, note: null, by: 'parked', at: NOW });
    expect(handoffsIn(parked)).toEqual([{ conversationId: 'c1', by: 'parked', team: null }]);
    const called = { fails: MAX_FAILS - 1, mode: 'human', state: { handedOver: true }, handoff: BY_FLOW } as const;
    const again = await take(makeClaimed(called), null, broken);
    expect(again.patch).toMatchObject({ parked_reason: 'cannot read this', handoff: BY_FLOW });
    expect(handoffsIn(again)).toEqual([]);
    const once = await take(makeClaimed(), message, broken);
    expect(once.patch).toMatchObject({ mode: 'bot', handoff: null, fails: 1 });
  });
});
