import { describe, expect, it } from 'vitest';
import { compileFlow } from './compile.js';
import { Chat } from '../../../test/support/flows/chat.js';
import { end, flowOf, type Json, makeDoc, say, set } from '../../../test/support/flows/small-flows.js';
import { flowDocumentSchema } from './flow-document.js';
import { isRunning, versionsInUse } from './session-state.js';
import { validateFlow } from './validate.js';

const talk = (steps: Json[], rest: Json = {}) => Chat.of(flowOf(steps, rest));
const listen = { id: 'w', type: 'wait', for: '30d', next: 'bye' };

describe('subflow', () => {
  const asks = (rest: Json[] = [end('bye')]) =>
    compileFlow(
      flowDocumentSchema.parse(
        makeDoc({
          flow: 'ask',
          vars: { name: { type: 'string' }, loud: { type: 'bool' } },
          start: 'q',
          steps: [
            {
              id: 'q',
              type: 'question',
              text: '¿Nombre, {{ name }}?',
              answer: { type: 'text' },
              save: 'name',
              retry: { max: 1, go: 'bye' },
              next: 'bye',
            },
            ...rest,
          ],
        }),
      ),
    );
  const caller = (on: Json = {}) => {
    const { publishable } = validateFlow(
      flowOf(
        [
          {
            id: 'a',
            type: 'subflow',
            flow: 'ask',
            with: { name: 'contact.name' },
            save: { who: "result.name + (result.loud ? '!' : '')" },
            on,
            next: 'b',
          },
          { id: 'b', type: 'message', text: 'Hola {{ who }} {{ name }}', next: 'w' },
          { id: 'c', type: 'message', text: 'no {{ error.code }}', next: 'w' },
          listen,
        ],
        {
          vars: { who: { type: 'string' }, name: { type: 'string', default: 'mía' } },
          anytime: [{ match: ['zz'], go: 'c' }],
        },
      ),
    );
    if (!publishable) throw new Error('not publishable');
    return publishable.flow;
  };

  it('has its own variables and gives back only what is saved', () => {
    const called = asks();
    const chat = new Chat(caller(), undefined, new Map([['ask', called]]));
    expect(chat.say('hola')).toEqual(['¿Nombre, Ana?']);
    expect(chat.state?.stack).toMatchObject([
      { flow: 'tiny' },
      { flow: 'ask', ver: called.sha256, vars: { name: 'Ana' } },
    ]);
    expect(versionsInUse(chat.state)).toEqual([chat.flow.sha256, called.sha256]);
    expect(chat.say('Luz')).toEqual(['Hola Luz mía']);
    expect(versionsInUse(null)).toEqual([]);
  });

  it('goes by its outcome, and to error when it fails in the middle', () => {
    const outcome = new Chat(
      caller({ sad: 'c' }),
      undefined,
      new Map([['ask', asks([{ id: 'bye', type: 'end', outcome: 'sad' }])]]),
    );
    outcome.say('hola');
    expect(outcome.say('Luz')).toEqual(['no ']);
    const fails = asks([set('bye', { name: 'contact.nope' }, 'x'), end('x')]);
    const caught = new Chat(caller({ error: 'c' }), undefined, new Map([['ask', fails]]));
    caught.say('hola');
    expect(caught.say('Luz')).toEqual(['no expression']);
    expect(caught.last?.mode).toBe('bot');
    const uncaught = new Chat(caller(), undefined, new Map([['ask', fails]]));
    uncaught.say('hola');
    uncaught.say('Luz');
    expect(uncaught.last?.fault).toMatchObject({ code: 'expression', flow: 'ask', step: 'bye' });
    const failed = new Chat(
      caller(),
      undefined,
      new Map([['ask', asks([{ id: 'bye', type: 'end', outcome: 'error' }])]]),
    );
    failed.say('hola');
    failed.say('Luz');
    expect(failed.last?.fault?.code).toBe('subflow_failed');
  });

  it('INV-9: stays on the version it began on, which the caller brings by its hash', () => {
    const before = asks();
    const after = asks([say('bye', 'x'), end('x')]);
    const chat = new Chat(caller(), undefined, new Map([['ask', before]]));
    chat.say('hola');
    const moved = new Chat(
      chat.flow,
      undefined,
      new Map([
        ['ask', after],
        [before.sha256, before],
      ]),
    );
    moved.state = chat.state;
    expect(moved.say('Luz')).toEqual(['Hola Luz mía']);
    const lost = new Chat(chat.flow, undefined, new Map([['ask', after]]));
    lost.state = chat.state;
    lost.say('Luz');
    expect(lost.last?.fault?.code).toBe('missing_version');
  });
});

describe('handoff', () => {
  const steps = [
    {
      id: 'a',
      type: 'handoff',
      team: 'ventas',
      note: 'dijo {{ msg.text }}',
      text: 'Ya viene',
      resume: 'b',
      timeout: { after: '15m', go: 'c' },
    },
    { ...say('b', 'd'), text: 'De vuelta' },
    { ...say('c', 'd'), text: 'Nadie' },
    { id: 'd', type: 'handoff' },
  ];

  it('silences the bot until the person is done', () => {
    const chat = talk(steps);
    expect(chat.say('ayuda')).toEqual(['Ya viene', 'handoff ventas: dijo ayuda']);
    expect(chat.last?.mode).toBe('human');
    const message = { kind: 'message', id: 'm', content: { type: 'text', text: 'hola' } } as const;
    expect(chat.turn(message)).toMatchObject({ effects: [], unread: [message], mode: 'human' });
    expect(chat.happen('whatever')).toEqual([]);
    expect(chat.resume()).toEqual(['De vuelta', 'handoff null: null']);
    expect(chat.resume()).toEqual([]);
    expect(chat.last).toMatchObject({ state: null, outcome: 'resolved', mode: 'bot' });
    expect(chat.resume()).toEqual([]);
  });

  it('goes on alone when nobody comes', () => {
    const chat = talk(steps);
    chat.say('ayuda');
    expect(chat.later(14)).toEqual([]);
    expect(chat.later(1)).toEqual(['Nadie', 'handoff null: null']);
  });
});

it('keeps what the end says for the next session, where the flow still knows it', () => {
  const chat = talk(
    [
      { id: 'a', type: 'message', text: '{{ n }} {{ lang }}', next: 'b' },
      set('b', { n: 'n + 1', m: 'n', lang: "n == 0 ? 'pt' : 'xx'" }, 'c'),
      { id: 'c', type: 'end', outcome: 'done', keep: ['n'] },
    ],
    { vars: { n: { type: 'int' }, m: { type: 'int' } } },
  );
  expect(chat.say('uno')).toEqual(['0 es']);
  expect(chat.last).toMatchObject({ outcome: 'done', state: { mode: 'ended', vars: { n: 1 }, lang: '' } });
  expect(isRunning(chat.state)).toBe(false);
  expect(chat.say('dos')).toEqual(['1 es']);
});
