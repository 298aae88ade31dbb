import { assert, jsonValue, property, record, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  ask,
  end,
  errorsOf,
  type Json,
  makeDoc,
  problemsOf,
  say,
  set,
} from '../../../test/support/flows/small-flows.js';
import { shopCatalogue } from '../../../test/support/flows/shop-catalogue.js';
import { addressFlow, shopFlow } from '../../../test/support/flows/shop-flow.js';
import { flowDocumentSchema } from './flow-document.js';
import { flowSha256 } from './flow-hash.js';
import { validateFlow } from './validate.js';

describe('a right flow', () => {
  it('is publishable, with its hash and compiled', () => {
    const { problems, publishable } = validateFlow(shopFlow, shopCatalogue);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(publishable?.sha256).toBe(flowSha256(shopFlow));
    expect(publishable?.document).toEqual(shopFlow);
    expect(problemsOf(addressFlow, shopCatalogue)).toEqual([]);
    expect(problemsOf(makeDoc())).toEqual([]);
  });

  it('hashes the same whatever the order of keys, and differently when a text changes', () => {
    const { steps, ...header } = shopFlow;
    expect(flowSha256({ steps, ...header })).toBe(flowSha256({ ...header, steps }));
    expect(flowSha256(makeDoc({ flow: 'other' }))).not.toBe(flowSha256(makeDoc()));
  });

  it('can be written down as JSON Schema 2020-12 with every kind of step', () => {
    const schema = z.toJSONSchema(flowDocumentSchema);
    expect(schema.$schema).toContain('2020-12');
    for (const type of [
      'message',
      'question',
      'decision',
      'action',
      'api',
      'set',
      'wait',
      'subflow',
      'handoff',
      'end',
    ]) {
      expect(JSON.stringify(schema)).toContain(`"const":"${type}"`);
    }
  });
});

describe('E101 schema, unique ids, reserved names', () => {
  it('lists every problem of every step, with the step named', () => {
    const found = errorsOf(
      makeDoc({
        locales: ['es', 'es'],
        vars: {
          result: { type: 'map' },
          n: { type: 'int', default: 'x' },
          lang: { type: 'string' },
          'a-b': { type: 'int' },
        },
        colour: 'red',
        steps: [
          { ...say('hi', 'bye'), txet: 'hola' },
          say('hi', 'bye'),
          { id: 'what', type: 'dance' },
          { id: 'empty', type: 'message', next: 'bye' },
          ask(
            'opts',
            {
              type: 'choice',
              options: [
                { id: 'a', title: 'A' },
                { id: 'a', title: { xx_: 'B' } },
              ],
            },
            { next: 'bye' },
          ),
          ask(
            'same',
            {
              type: 'choice',
              options: [
                { id: 'a', title: 'A' },
                { id: 'a', title: 'B' },
              ],
            },
            { next: 'bye' },
          ),
          { id: 'both', type: 'wait', for: '1h', event: 'x', next: 'bye' },
          end('bye'),
        ],
      }),
    ).filter((problem) => problem.startsWith('E101'));
    expect(found).toEqual([
      'E101 null vars.a-b: must start with a letter; letters, digits and _; at most 40',
      'E101 null : Unrecognized key: "colour"',
      'E101 hi steps[0]: Unrecognized key: "txet"',
      expect.stringMatching(/^E101 what steps\[2\]\.type: .*'message' \| 'question'/),
      'E101 empty steps[3]: needs at least one of text, media, location, contact, template',
      expect.stringMatching(/^E101 opts steps\[4\]\.answer\.options\[1\]\.title: .*language tag/),
      'E101 both steps[6]: needs one of `for`, `until`, `event`',
      'E101 null locales: a language is listed twice',
      'E101 hi steps[1].id: another step has the id hi',
      'E101 null vars.result: result is a reserved name',
      'E101 null vars.n: the default is not a int',
      'E101 null vars.lang: lang is always there and holds the language; do not declare it',
      'E101 same steps[5].answer.options[1].id: another option has the id a',
    ]);
  });

  it.each([null, 'flow', [], 7, {}])('answers with problems to %j', (input) => {
    const { problems, publishable } = validateFlow(input);
    expect(problems[0]?.code).toBe('E101');
    expect(publishable).toBeNull();
  });

  it('names a variable that would reach into the prototype', () => {
    const vars: unknown = JSON.parse('{"__proto__": null}');
    expect(validateFlow({ vars }).problems).toContainEqual(
      expect.objectContaining({ code: 'E101', message: '__proto__ is a reserved name' }),
    );
  });

  it('never throws, whatever JSON comes', () => {
    const step = record({ id: string(), type: string(), next: jsonValue(), text: jsonValue(), answer: jsonValue() });
    assert(
      property(
        jsonValue(),
        record({ steps: jsonValue(), vars: jsonValue(), start: jsonValue() }),
        step,
        (any, doc, one) => {
          validateFlow(any);
          validateFlow({ ...makeDoc(), ...doc });
          validateFlow(makeDoc({ steps: [one], vars: { [one.id]: any } }));
        },
      ),
    );
  });
});

it('E102 names every target that is not there, and a start that is missing', () => {
  const doc = makeDoc({
    start: 'hello',
    anytime: [{ match: ['menu'], go: 'menuu' }],
    events: [{ event: 'x', go: 'evnt' }],
    steps: [
      say('hi', 'nxt'),
      ask(
        'q',
        { type: 'choice', options: [{ id: 'a', title: 'A', go: 'gone' }] },
        { timeout: { after: '1h', go: 'late' } },
      ),
      { id: 'd', type: 'decision', rules: [{ when: 'true', go: 'rule' }], else: 'els' },
      { id: 'h', type: 'handoff', resume: 'res', timeout: { after: '1h', go: 'bye' } },
      { id: 'a', type: 'action', action: 'x.y', on: { error: 'err' }, next: 'bye' },
      end('bye'),
    ],
  });
  expect(errorsOf(doc)).toEqual([
    'E102 null start: there is no step hello',
    'E102 null anytime[0].go: there is no step menuu',
    'E102 null events[0].go: there is no step evnt',
    'E102 hi steps[0].next: there is no step nxt',
    'E102 q steps[1].answer.options[0].go: there is no step gone',
    'E102 q steps[1].timeout.go: there is no step late',
    'E102 d steps[2].rules[0].go: there is no step rule',
    'E102 d steps[2].else: there is no step els',
    'E102 h steps[3].resume: there is no step res',
    'E102 a steps[4].on.error: there is no step err',
  ]);
  expect(errorsOf({ ...makeDoc(), start: undefined })[0]).toMatch(/^E102 null start/);
});

it('E103 names every step that nothing leads to', () => {
  const doc = makeDoc({ steps: [say('hi', 'bye'), say('lost', 'loster'), say('loster', 'bye'), end('bye')] });
  expect(errorsOf(doc)).toEqual([
    'E103 lost steps[1]: nothing leads to this step',
    'E103 loster steps[2]: nothing leads to this step',
  ]);
  expect(errorsOf({ ...doc, anytime: [{ match: ['x'], go: 'lost' }] })).toEqual([]);
  expect(errorsOf({ ...doc, events: [{ event: 'x', go: 'lost' }] })).toEqual([]);
});

it('E104 names every step without a way out, and those that lead only to a loop', () => {
  const doc = makeDoc({
    vars: { n: { type: 'int' } },
    steps: [
      {
        id: 'hi',
        type: 'decision',
        rules: [
          { when: 'true', go: 'a' },
          { when: 'n > 1', go: 'q' },
          { when: 'n > 2', go: 's' },
        ],
      },
      say('a'),
      ask(
        'q',
        {
          type: 'choice',
          options: [
            { id: 'x', title: 'X', go: 'bye' },
            { id: 'y', title: 'Y' },
          ],
        },
        {},
      ),
      set('s', { n: 'n + 1' }, 's2'),
      set('s2', { n: 'n + 1' }, 's'),
      end('bye'),
    ],
  });
  expect(errorsOf(doc).filter((problem) => problem.startsWith('E104'))).toEqual([
    'E104 hi steps[0]: no `else` for when no rule is true',
    'E104 a steps[1]: no `next`',
    'E104 q steps[2]: no `next` for an answer that has no `go` of its own',
    'E104 s steps[3]: no way from here to an end or to a step that waits',
    'E104 s2 steps[4]: no way from here to an end or to a step that waits',
  ]);
});

describe('E105 cycles that never wait', () => {
  it('names each, also a step that leads to itself, and through actions', () => {
    const doc = makeDoc({
      vars: { n: { type: 'int' } },
      steps: [
        { id: 'hi', type: 'decision', rules: [{ when: 'n > 9', go: 'self' }], else: 'one' },
        { id: 'one', type: 'action', action: 'x.y', next: 'two' },
        say('two', 'three'),
        { id: 'three', type: 'decision', rules: [{ when: 'n > 1', go: 'bye' }], else: 'one' },
        { id: 'self', type: 'decision', rules: [{ when: 'n > 1', go: 'self' }], else: 'bye' },
        end('bye'),
      ],
    });
    expect(errorsOf(doc)).toEqual([
      'E105 one steps[1]: one → two → three → one never waits for the customer',
      'E105 self steps[4]: self → self never waits for the customer',
    ]);
  });

  it('lets a cycle pass that asks, waits, hands over, or calls a flow that asks', () => {
    const loop = (waiting: Json) => makeDoc({ steps: [say('hi', 'w'), { id: 'w', ...waiting }] });
    expect(errorsOf(loop({ type: 'wait', for: '1h', next: 'hi' }))).toEqual([]);
    expect(errorsOf(loop({ type: 'handoff', resume: 'hi', timeout: { after: '1h', go: 'hi' } }))).toEqual([]);
    const call = loop({ type: 'subflow', flow: 'ask_address', next: 'hi' });
    expect(errorsOf(call, shopCatalogue)).toEqual([]);
    expect(errorsOf(call)[0]).toMatch(/^E104|^E105/);
  });
});
