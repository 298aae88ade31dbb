import { describe, expect, it } from 'vitest';
import { Chat } from '../../../test/support/flows/chat.js';
import { ask, flowOf, type Json, set } from '../../../test/support/flows/small-flows.js';
import { compileFlow } from './compile.js';
import { TurnTimeError } from './expressions/work-meter.js';
import { flowDocumentSchema } from './flow-document.js';
import { MAX_TURN_CPU_MS } from './limits.js';
import { turn } from './turn.js';

const vars = {
  t: { type: 'string', default: 'é'.repeat(4000) },
  l: { type: 'list', default: Array.from({ length: 500 }, (_, n) => n) },
  r: { type: 'bool' },
};
const compiled = (input: Json) => compileFlow(flowDocumentSchema.parse(input));
const squared = (body: string) => set('a', { r: `l.exists(i, l.exists(j, ${body}))` }, 'bye');
const heavy = flowOf([squared('fold(t + t) == t')], { vars });
const sayTo = (input: Json, cpuMs: () => number) =>
  turn({
    state: null,
    events: [{ kind: 'message', id: 'm1', content: { type: 'text', text: 'hola' } }],
    flow: compiled(input),
    nowMs: 0,
    conversationId: 'c',
    turn: 1,
    contact: { lang: 'es' },
    cpuMs,
  });

describe('the work of a turn', () => {
  it('is bounded: a flow that computes too much says sorry and calls a person', () => {
    const chat = new Chat(compiled(heavy));
    expect(chat.say('hola').at(-1)).toBe('handoff null: tiny stopped at a: budget_work');
    expect(chat.last).toMatchObject({ mode: 'human', outcome: 'fault', fault: { code: 'budget_work' } });
  });

  it('is no error that a caller may catch and go on from', () => {
    const caller = compiled(flowOf([{ id: 'a', type: 'subflow', flow: 'deep', on: { error: 'bye' }, next: 'bye' }]));
    const chat = new Chat(caller, undefined, new Map([['deep', compiled({ ...heavy, flow: 'deep' })]]));
    chat.say('hola');
    expect(chat.last?.fault).toMatchObject({ code: 'budget_work', flow: 'deep' });
  });

  it('is bounded in what an event is asked for, too', () => {
    const where = 'l.exists(i, l.exists(j, fold(t + t) == t))';
    const chat = new Chat(
      compiled(
        flowOf([ask('q', { type: 'text' }, { next: 'q' })], { vars, events: [{ event: 'paid', where, go: 'bye' }] }),
      ),
    );
    chat.say('hola');
    chat.happen('paid');
    expect(chat.last?.fault).toMatchObject({ code: 'budget_work' });
  });

  it('leaves room for two lists of 500 against each other', () => {
    const chat = new Chat(compiled(flowOf([squared('i + j == -1')], { vars })));
    chat.say('hola');
    expect(chat.last).toMatchObject({ outcome: 'ended' });
  });

  it('begins anew with each turn', () => {
    const some = flowOf([ask('q', { type: 'text', check: 'l.all(i, l.all(j, i + j >= 0))' }, { next: 'q' })], { vars });
    const chat = new Chat(compiled(some));
    for (const text of ['hola', 'uno', 'dos', 'tres']) expect(chat.say(text)).toEqual(['ok?']);
  });

  it('is an error of the turn, not of the flow, when it takes more processor time than it may', () => {
    let ms = 0;
    const slow = () => (ms += MAX_TURN_CPU_MS);
    expect(() => sayTo(heavy, slow)).toThrow(TurnTimeError);
    const hidden = flowOf([set('a', { r: "l.exists(i, l.exists(j, fold(t + t) == 'x')) || true" }, 'bye')], { vars });
    expect(() => sayTo(hidden, slow)).toThrow(TurnTimeError);
  });

  it('is never looked at by the clock in a turn that does little', () => {
    let looks = 0;
    sayTo(flowOf([set('a', { r: 'size(l) > 2' }, 'bye')], { vars }), () => (looks += 1));
    expect(looks).toBe(1);
  });
});

describe('what a customer writes', () => {
  it('is read in a moment, whatever marks it is made of', () => {
    const skip = Array.from({ length: 20 }, (_, n) => `no${n}`);
    const chat = new Chat(compiled(flowOf([ask('q', { type: 'text', skip }, { next: 'bye' })], { vars })));
    chat.say('hola');
    const startedMs = performance.now();
    chat.say('\u0301\u0316'.repeat(2048));
    expect(performance.now() - startedMs).toBeLessThan(300);
    expect(chat.last).toMatchObject({ outcome: 'ended' });
  });

  it('costs no more than a turn may when it is a row of digits read as a duration', () => {
    const doc = flowOf([set('a', { r: 'duration(msg.text).getHours() == 1' }, 'bye')], { vars });
    const chat = new Chat(compiled(doc));
    const startedMs = performance.now();
    chat.say('1'.repeat(4096));
    expect(performance.now() - startedMs).toBeLessThan(300);
    expect(chat.last?.fault?.message).toContain('duration longer than 64 characters');
  });
});
