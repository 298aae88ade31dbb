import { describe, expect, it } from 'vitest';
import type { Bot, FinalRow } from './lines.js';
import type { Cell, Mishap } from './plan.js';
import { judge } from './verdict.js';

const TEXTS = ['a · 0 · 0', 'a · 0 · 1'] as const;

function verdict(
  rows: readonly Partial<FinalRow>[],
  taken: readonly string[],
  {
    resend = 'auto',
    mishaps = [],
    end = 'delivered',
    again = [],
  }: Partial<Pick<Cell, 'end'>> & {
    resend?: 'auto' | 'never';
    mishaps?: Mishap[];
    /** Taken by the second line, after all that the first one took. */
    again?: string[];
  } = {},
): readonly string[] {
  const messages = TEXTS.map((text) => ({ text, atMs: 0, resend, mishaps }));
  const cell: Cell = { provider: 'official', fault: '5xx', seed: 1, end, talks: [{ phone: '+12060000001', messages }] };
  const line = (id: string) => ({ id, provider: 'official' as const, externalId: id });
  const bot: Bot = { cell, id: 'bot', first: line('first'), second: line('second') };
  const sent: FinalRow = { text: '', status: 'sent', delivery: null, connectionId: 'first', attempt: 1, error: null };
  return judge(bot, {
    rows: rows.map((row, index) => ({ ...sent, text: TEXTS[index] ?? '', ...row })),
    acceptances: [
      ...taken.map((text, at) => ({ provider: 'official' as const, text, at })),
      ...again.map((text, at) => ({ provider: 'evolution' as const, text, at: taken.length + at })),
    ],
    mishaps: new Map(TEXTS.map((text) => [text, mishaps])),
  }).problems;
}

const [FIRST, SECOND] = TEXTS;
const UNKNOWN = { status: 'failed', error: { code: 'unknown', class: 'unknown', reason: '-' } };

describe('the verdict on a cell', () => {
  it('is clean when each was taken once and in order', () => {
    expect(verdict([{}, {}], [FIRST, SECOND])).toEqual([]);
  });

  it.each([
    ['a message taken twice', [{}], [FIRST, FIRST], 'taken 2 times'],
    ['one that nobody took', [{}], [], 'nobody took it'],
    ['one without an outcome', [{ status: 'unknown' }], [], 'no outcome'],
    ['one given up without need', [{ ...UNKNOWN }], [], 'given up'],
    ['the second before the first', [{}, {}], [SECOND, FIRST], 'after message 1'],
  ])('finds %s', (_, rows, taken, problem) => {
    expect(verdict(rows, taken).join()).toContain(problem);
  });

  it('lets only what nobody heard of and must not be repeated end as unknown', () => {
    expect(verdict([UNKNOWN], [], { resend: 'never', mishaps: ['proxyError'] })).toEqual([]);
    expect(verdict([UNKNOWN], [FIRST], { resend: 'never', mishaps: ['hang'] }).join()).toContain('said that it took');
    expect(verdict([UNKNOWN], [], { resend: 'never', mishaps: ['rate'] }).join()).toContain('given up');
  });

  it('wants what the provider reported as not delivered to go by the other line, once and in order', () => {
    const moved = { connectionId: 'second' };
    const failed = { status: 'failed', delivery: 'failed' };
    expect(verdict([moved, moved], [FIRST, SECOND], { end: 'failed', again: [FIRST, SECOND] })).toEqual([]);
    expect(verdict([failed], [FIRST], { end: 'failed' }).join()).toContain('beside a line');
    expect(verdict([moved], [FIRST], { end: 'failed', again: [FIRST, FIRST] }).join()).toContain('taken 2 times');
    expect(verdict([moved, moved], [], { end: 'failed', again: [SECOND, FIRST] }).join()).toContain('after message 1');
  });
});
