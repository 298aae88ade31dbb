import { describe, expect, it } from 'vitest';
import { compileFlow } from './compile.js';
import { Chat, seen } from '../../../test/support/flows/chat.js';
import { ask, end, flowOf, type Json, makeDoc, say, set } from '../../../test/support/flows/small-flows.js';
import { type FlowDocument, flowDocumentSchema } from './flow-document.js';
import type { SessionState } from './session-state.js';

const SORRY = 'Lo siento, algo salió mal de nuestro lado. Ya llamé a una persona del equipo.';
/** Runs it though publishing would refuse it: what the checks miss must not be silence. */
const force = (input: Json) => new Chat(compileFlow(flowDocumentSchema.parse(input)));
const doc = (input: Json): FlowDocument => flowDocumentSchema.parse(input);
const question = ask('q', { type: 'text' }, { save: 'it', next: 'q' });
const vars = { it: { type: 'string' }, n: { type: 'int' } };

describe('a flow that cannot go on says sorry and calls a person', () => {
  it.each<[string, Json, string]>([
    ['an expression fails', flowOf([set('a', { it: 'contact.nope' }, 'bye')], { vars }), 'expression'],
    ['a text fails', flowOf([{ ...say('a', 'bye'), text: '{{ contact.nope }}' }]), 'expression'],
    ['a text shows a list', flowOf([{ ...say('a', 'bye'), text: '{{ contact.tags }}' }]), 'expression'],
    ['a value is of another type', flowOf([set('a', { n: 'contact.name' }, 'bye')], { vars }), 'wrong_type'],
    [
      'a condition is no condition',
      flowOf([{ id: 'a', type: 'decision', rules: [{ when: 'contact.name', go: 'bye' }], else: 'bye' }]),
      'wrong_type',
    ],
    ['a moment is no moment', flowOf([{ id: 'a', type: 'wait', until: "'soon'", next: 'bye' }]), 'wrong_type'],
    [
      'a list of options is none',
      flowOf([ask('a', { type: 'choice', from: 'contact.name', option: { id: '1', title: "'x'" } }, { next: 'bye' })]),
      'wrong_type',
    ],
    [
      'there is nothing to choose from',
      flowOf([ask('a', { type: 'choice', from: '[]', option: { id: '1', title: "'x'" } }, { next: 'bye' })]),
      'no_options',
    ],
    [
      'an address is none',
      flowOf([{ ...say('a', 'bye'), media: { kind: 'image', url: '{{ contact.name }}' } }]),
      'bad_url',
    ],
    [
      'a phone is none',
      flowOf([{ ...say('a', 'bye'), contact: { name: 'Ana', phone: '{{ contact.name }}' } }]),
      'bad_phone',
    ],
    ['a step leads nowhere', makeDoc({ steps: [say('hi')] }), 'no_way_out'],
    ['a step is not there', makeDoc({ steps: [say('hi', 'gone')] }), 'missing_step'],
    ['a flow is not there', flowOf([{ id: 'a', type: 'subflow', flow: 'gone', next: 'bye' }]), 'missing_flow'],
    [
      'a value is above its cap',
      flowOf([set('a', { it: "msg.text + msg.text + '!'" }, 'bye')], { vars }),
      'expression',
    ],
    ['steps go round', makeDoc({ start: 'a', steps: [set('a', {}, 'b'), set('b', {}, 'a')] }), 'budget_visits'],
    [
      'there are too many steps',
      makeDoc({ start: 's0', steps: Array.from({ length: 61 }, (_, n) => set(`s${n}`, {}, `s${n + 1}`)) }),
      'budget_steps',
    ],
    [
      'there are more steps than the flow allows',
      flowOf([set('a', {}, 'b'), set('b', {}, 'bye')], { limits: { steps_per_turn: 2 } }),
      'budget_steps',
    ],
  ])('when %s', (_, input, code) => {
    const chat = force(input);
    chat.contact['tags'] = ['x'];
    const effects = chat.say('x'.repeat(4096));
    expect(effects.slice(-2)).toEqual([
      SORRY,
      expect.stringMatching(new RegExp(`^handoff null: tiny stopped at .*: ${code}$`)),
    ]);
    expect(chat.last).toMatchObject({ mode: 'human', outcome: 'fault', wakeAtMs: null, fault: { code, flow: 'tiny' } });
  });

  it('sends the messages up to the budget, then the apology', () => {
    const steps = Array.from({ length: 9 }, (_, n) => say(`s${n}`, n === 8 ? 'bye' : `s${n + 1}`));
    const chat = force(flowOf(steps));
    expect(chat.say('hola')).toEqual([
      ...Array.from({ length: 8 }, () => 'hola'),
      SORRY,
      'handoff null: tiny stopped at s8: budget_messages',
    ]);
  });

  it('speaks the language of the session', () => {
    const input = flowOf([set('a', { it: 'contact.nope' }, 'bye')], { vars, locales: ['fr', 'pt-BR'] });
    const portuguese = force(input);
    portuguese.contact['lang'] = 'pt';
    expect(portuguese.say('oi')[0]).toMatch(/^Desculpe/);
    expect(force(input).say('salut')[0]).toMatch(/^Sorry/);
  });

  it('calls a person when an action fails and the flow does not say what then', () => {
    const chat = force(flowOf([{ id: 'a', type: 'action', action: 'x.y', with: {}, next: 'bye' }]));
    chat.say('hola');
    expect(chat.fails('out_of_stock')[0]).toBe(SORRY);
    expect(chat.last?.fault).toMatchObject({ code: 'effect_failed', message: 'action failed: out_of_stock' });
  });

  it('stays with the person until they are done, and then starts anew', () => {
    const chat = force(flowOf([set('a', { it: 'contact.nope' }, 'bye')], { vars }));
    chat.say('hola');
    expect(chat.happen('bye')).toEqual([]);
    expect(chat.later(60)).toEqual([]);
    expect(chat.last?.mode).toBe('human');
    expect(chat.resume()).toEqual([]);
    expect(chat.last).toMatchObject({ mode: 'bot', state: null });
    expect(chat.say('hola')[0]).toBe(SORRY);
  });
});

describe('calls of flows', () => {
  it('stop at eight levels', () => {
    const self = force(flowOf([{ id: 'a', type: 'subflow', flow: 'tiny', next: 'bye' }]));
    const levels = Array.from({ length: 9 }, (_, n) =>
      compileFlow(doc(flowOf([{ id: `l${n}`, type: 'subflow', flow: `f${n + 1}`, next: 'bye' }], { flow: `f${n}` }))),
    );
    const chat = new Chat(levels[0] ?? self.flow, undefined, new Map(levels.map((flow) => [flow.key, flow])));
    chat.say('hola');
    expect(chat.last?.fault).toMatchObject({ code: 'budget_depth', flow: 'f8' });
  });

  it('do not let a caller catch a spent budget', () => {
    const spinning = compileFlow(
      doc(makeDoc({ flow: 'spin', start: 'a', steps: [set('a', {}, 'b'), set('b', {}, 'a')] })),
    );
    const caller = compileFlow(
      doc(flowOf([{ id: 'a', type: 'subflow', flow: 'spin', on: { error: 'bye' }, next: 'bye' }])),
    );
    const chat = new Chat(caller, undefined, new Map([['spin', spinning]]));
    chat.say('hola');
    expect(chat.last?.fault).toMatchObject({ code: 'budget_visits', flow: 'spin' });
  });
});

describe('a session', () => {
  it('INV-9: is not run on another version than the one it began on', () => {
    const chat = force(flowOf([question], { vars }));
    chat.say('hola');
    const other = force(flowOf([question, say('new', 'bye')], { vars, start: 'q' }));
    other.state = chat.state;
    other.say('x');
    expect(other.last?.fault?.code).toBe('version_mismatch');
    expect(other.last?.mode).toBe('human');
  });

  it('ends after five hundred turns with a person, and after ninety days with a new one', () => {
    const chat = force(flowOf([question], { vars }));
    chat.say('hola');
    const { state } = chat;
    chat.state = { ...(state as SessionState), n: { turns: 499, steps: 499 } };
    chat.say('una más');
    expect(chat.last?.fault).toBeUndefined();
    expect(chat.say('otra')[0]).toBe(SORRY);
    expect(chat.last?.fault?.code).toBe('budget_turns');
    chat.state = state;
    chat.nowMs += 91 * 86_400_000;
    expect(chat.say('¿hola?')).toEqual([]);
    expect(chat.last).toMatchObject({ state: null, outcome: 'expired', unread: [{ kind: 'message' }] });
    expect(chat.say('¿hola?')).toEqual(['ok?']);
    expect(chat.state?.sess).not.toBe(state?.sess);
  });

  it('that outgrows 64 KiB is given to a person, and its effects but messages are dropped', () => {
    const big = 'x'.repeat(8000);
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`v${n}`, { type: 'string' }]));
    const chat = force(
      flowOf(
        [
          say('hi', 'a'),
          set('a', Object.fromEntries(Object.keys(many).map((name) => [name, 'contact.big'])), 'act'),
          { id: 'act', type: 'action', action: 'x.y', next: 'bye' },
        ],
        { vars: many },
      ),
    );
    chat.contact['big'] = big;
    expect(chat.say('hola')).toEqual(['hola', SORRY, 'handoff null: tiny stopped at act: state_too_large']);
    const keeps = force(
      flowOf(
        [
          set('a', Object.fromEntries(Object.keys(many).map((name) => [name, 'contact.big'])), 'z'),
          { id: 'z', type: 'end', keep: Object.keys(many) },
        ],
        { vars: many },
      ),
    );
    keeps.contact['big'] = big;
    keeps.say('hola');
    expect(keeps.last).toMatchObject({ state: null, outcome: 'ended' });
  });
});

describe('several events in one turn', () => {
  const message = (text: string) => ({ kind: 'message' as const, id: text, content: { type: 'text' as const, text } });

  it('are read in order, each with budgets of its own', () => {
    const chat = force(flowOf([question], { vars }));
    const effects = seen(chat.turn(...['a', 'b', 'c', 'd', 'e', 'f'].map(message)).effects);
    expect(effects).toEqual(Array.from({ length: 6 }, () => 'ok?'));
    expect(chat.state?.vars['it']).toBe('f');
    expect(chat.last?.unread).toEqual([]);
  });

  it('wait behind an effect, whose result passes them', () => {
    const chat = force(flowOf([{ id: 'a', type: 'action', action: 'x.y', next: 'q' }, question], { vars }));
    const [second, third] = [message('b'), message('c')];
    expect(chat.turn(message('a'), second, third).unread).toEqual([second, third]);
    const result = { kind: 'result', effectId: chat.pending(), ok: true, output: null } as const;
    expect(seen(chat.turn(second, third, result).effects)).toEqual(['ok?', 'ok?', 'ok?']);
    expect(chat.state?.vars['it']).toBe('c');
  });

  it('wait behind the end of a session and behind a person', () => {
    const ends = force(makeDoc());
    expect(ends.turn(message('a'), message('b')).unread).toEqual([message('b')]);
    const person = force(flowOf([{ id: 'a', type: 'handoff' }]));
    expect(person.turn(message('a'), message('b'), { kind: 'timer' }).unread).toEqual([message('b')]);
  });
});

it('does nothing when nothing is under way', () => {
  const chat = force(makeDoc({ steps: [say('hi', 'bye'), end('bye')] }));
  for (const event of [
    { kind: 'timer' },
    { kind: 'resume' },
    { kind: 'result', effectId: 'x', ok: true, output: 1 },
  ] as const) {
    expect(chat.turn(event)).toMatchObject({ state: null, mode: 'bot', effects: [], wakeAtMs: null, unread: [] });
  }
  expect(chat.turn()).toMatchObject({ state: null, trace: [] });
});
