import {
  anything,
  array,
  assert,
  constant,
  constantFrom,
  jsonValue,
  oneof,
  property,
  record,
  string,
} from 'fast-check';
import { expect, it } from 'vitest';
import { outboundContentSchema } from '../../messages/message-content.js';
import { compileFlow } from './compile.js';
import { addressFlow, shopFlow } from '../../../test/support/flows/shop-flow.js';
import { MAX_STATE_BYTES } from './limits.js';
import type { SessionState } from './session-state.js';
import { turn } from './turn.js';
import type { TurnEvent, TurnInput, TurnResult } from './turn-types.js';

const flow = compileFlow(shopFlow);
const subflows = new Map([['ask_address', compileFlow(addressFlow)]]);
const contact = { id: 'c1', name: 'Ana', phone: '+573001234567', lang: 'es' };
const startMs = Date.parse('2030-03-12T15:00:00Z');

/** `pending` stands for the id of the effect under way. */
type Plan = { event: TurnEvent; minutes: number };

const words = [
  'hola',
  'menú',
  'humano',
  'idioma',
  '1',
  '2',
  '10',
  'sí',
  'no',
  'cerrar pedido',
  'a@b.co',
  'Calle 12 # 3-45',
  'más',
];
const hostile = oneof(
  string({ unit: 'binary', maxLength: 200 }),
  constantFrom(
    '{{ contact }}',
    '__proto__',
    'constructor',
    '\0\ud800',
    '﷽'.repeat(4096),
    '9'.repeat(5000),
    "'; drop table",
    '',
  ),
);
const message = record({
  kind: constant('message' as const),
  id: string({ maxLength: 10 }),
  content: record(
    {
      type: constantFrom('text', 'choice', 'image', 'location', 'contacts', 'form', 'order', 'reaction', 'unsupported'),
      text: oneof({ weight: 4, arbitrary: constantFrom(...words) }, { weight: 1, arbitrary: hostile }),
      choiceId: constantFrom('buy', 'cart', 'ok', 'SKU-1', 'yes', '__more', '__proto__', 'human'),
      form: constant({ a: '1' }),
    },
    { requiredKeys: ['type', 'text'] },
  ),
});
const products = constant({
  items: Array.from({ length: 12 }, (_, n) => ({ sku: `SKU-${n}`, name: `Café ${n}`, priceMinor: 100 + n })),
  lines: [{ name: 'Café', quantity: 1 }],
  totalMinor: 100,
  id: 'o1',
  number: 1,
  url: 'https://pay.example/1',
});
const result = oneof(
  {
    weight: 3,
    arbitrary: products.map((output) => ({ kind: 'result' as const, effectId: 'pending', ok: true as const, output })),
  },
  jsonValue().map((output) => ({ kind: 'result' as const, effectId: 'pending', ok: true as const, output })),
  constantFrom('out_of_stock', 'timeout', '__proto__').map((error) => {
    return { kind: 'result' as const, effectId: 'pending', ok: false as const, error };
  }),
);
const others = constantFrom<TurnEvent>(
  { kind: 'timer' },
  { kind: 'resume' },
  { kind: 'event', name: 'payment.paid', data: { orderId: 'o1' } },
  { kind: 'event', name: 'payment.paid', data: {} },
);
const plans = array(
  record<Plan>({
    event: oneof<[typeof message, typeof result, typeof others]>(message, result, others),
    minutes: constantFrom(0, 1, 61, 1500),
  }),
  { minLength: 1, maxLength: 40 },
);

function play(plan: readonly Plan[], see: (input: TurnInput, result: TurnResult) => void): void {
  let state: SessionState | null = null;
  let nowMs = startMs;
  plan.forEach(({ event, minutes }, index) => {
    nowMs += minutes * 60_000;
    const wait: SessionState['wait'] = state?.wait ?? null;
    const isResult = event.kind === 'result' && wait?.kind === 'effect';
    const events = [isResult ? { ...event, effectId: wait.effectId } : event];
    const input: TurnInput = { state, events, flow, subflows, nowMs, conversationId: 'conv', turn: index, contact };
    const played = turn(input);
    see(input, played);
    state = JSON.parse(JSON.stringify(played.state)) as SessionState | null;
  });
}

it('INV-4: the same turn gives the same state, effects and ids, and leaves what it was given as it was', () => {
  assert(
    property(plans, (plan) => {
      play(plan, (input, first) => {
        const before = JSON.stringify({ state: input.state, events: input.events });
        expect(turn(input)).toEqual(first);
        const copy = JSON.parse(JSON.stringify({ state: input.state, events: input.events })) as Pick<
          TurnInput,
          'state' | 'events'
        >;
        expect(turn({ ...input, ...copy })).toEqual(first);
        expect(JSON.stringify({ state: input.state, events: input.events })).toBe(before);
      });
    }),
    { numRuns: 60 },
  );
});

it('never throws; the state stays JSON below 64 KiB; ids never repeat; every message can be rendered', () => {
  assert(
    property(plans, (plan) => {
      const keys = new Set<string>();
      play(plan, (_, { state, effects, wakeAtMs, mode }) => {
        const json = JSON.stringify(state);
        expect(Buffer.byteLength(json)).toBeLessThanOrEqual(MAX_STATE_BYTES);
        expect(JSON.parse(json)).toEqual(state);
        expect(json).not.toMatch(/\\u0000|\\ud[89a-f]/i);
        expect(wakeAtMs === null || Number.isSafeInteger(wakeAtMs)).toBe(true);
        expect(mode).toBe(state?.mode === 'human' ? 'human' : 'bot');
        for (const effect of effects) {
          expect(keys.has(effect.key)).toBe(false);
          keys.add(effect.key);
          if (effect.kind === 'send') expect(outboundContentSchema.safeParse(effect.content).error).toBeUndefined();
        }
      });
    }),
    { numRuns: 150 },
  );
});

it('is never silent: a message to the bot is answered, or an effect is under way', () => {
  assert(
    property(plans, (plan) => {
      play(plan, ({ state, events }, { effects, unread }) => {
        const [event] = events;
        const isForBot = state?.mode !== 'human' && state?.wait?.kind !== 'effect';
        if (event?.kind !== 'message' || event.content.type === 'reaction' || !isForBot) return;
        expect(unread).toEqual([]);
        expect(effects.length).toBeGreaterThan(0);
      });
    }),
    { numRuns: 60 },
  );
});

it('takes whatever an action or event brings', () => {
  assert(
    property(anything({ maxDepth: 2, withNullPrototype: true }), jsonValue(), (output, data) => {
      play(
        [
          { minutes: 0, event: { kind: 'message', id: 'm', content: { type: 'text', text: 'hola' } } },
          { minutes: 0, event: { kind: 'message', id: 'm', content: { type: 'choice', text: '', choiceId: 'buy' } } },
          { minutes: 0, event: { kind: 'result', effectId: 'pending', ok: true, output } },
          { minutes: 0, event: { kind: 'event', name: 'payment.paid', data: { data } } },
        ],
        (_, played) => expect(played.effects).toBeDefined(),
      );
    }),
  );
});
