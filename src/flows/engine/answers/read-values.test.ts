import { assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDate, readTime } from './date-answer.js';
import { readNumber } from './number-answer.js';
import { readYesNo } from './yes-no.js';

describe('numbers', () => {
  it.each<[string, string, number | null]>([
    ['1.234,5', 'es', 1234.5],
    ['1.234,5', 'pt-BR', 1234.5],
    ['1,234.5', 'en', 1234.5],
    ['1,234.5', 'es', 1234.5],
    ['1.234', 'es', 1234],
    ['1.234', 'en', 1.234],
    ['1,234', 'en', 1234],
    ['1,234', 'pt', 1.234],
    ['0.500', 'es', 0.5],
    ['1.234.567', 'en', 1234567],
    ["1'234'567", 'es', 1234567],
    ['1 000', 'es', 1000],
    ['12,5', 'en', 12.5],
    ['-3', 'es', -3],
    ['$ 20', 'es', 20],
    ['R$ 20,50', 'pt', 20.5],
    ['20 kg', 'es', 20],
    ['3.', 'es', 3],
    ['12.34.56', 'es', null],
    ['1,2,3', 'es', null],
    ['1.2,3.4', 'es', null],
    ['2 o 3', 'es', null],
    ['dos', 'es', null],
    ['', 'es', null],
    ['1234567890123456', 'es', null],
    ['20 kilos de café molido muy fino', 'es', null],
  ])('%s in %s', (text, locale, expected) => {
    expect(readNumber(text, locale)).toBe(expected);
  });
});

describe('yes and no', () => {
  it.each<[string, boolean | null]>([
    ['Sí', true],
    ['si, por favor', true],
    ['¡Claro que sí!', true],
    ['yes please', true],
    ['Sim', true],
    ['👍🏽', true],
    ['✔️', true],
    ['1', true],
    ['si si si', true],
    ['No', false],
    ['no, gracias', false],
    ['Não obrigado', false],
    ['nope', false],
    ['👎', false],
    ['2', false],
    ['no sé', null],
    ['sí pero no', null],
    ['hola', null],
    ['', null],
  ])('%s', (text, expected) => {
    expect(readYesNo({ text })).toBe(expected);
  });

  it('believes the tap, not its title', () => {
    expect(readYesNo({ choiceId: 'no', text: 'Sí' })).toBe(false);
    expect(readYesNo({ choiceId: 'other', text: 'Sí' })).toBe(true);
  });
});

/** A Tuesday evening in Bogotá, Wednesday already in UTC. */
const evening = { nowMs: Date.parse('2030-03-13T01:00:00Z'), timeZone: 'America/Bogota' };

describe('dates', () => {
  it.each<[string, string, string | null]>([
    ['2030-04-01', 'es', '2030-04-01'],
    ['2030-02-30', 'es', null],
    ['hoy', 'es', '2030-03-12'],
    ['Mañana', 'es', '2030-03-13'],
    ['pasado mañana', 'es', '2030-03-14'],
    ['depois de amanhã', 'pt', '2030-03-14'],
    ['amanhã', 'pt', '2030-03-13'],
    ['tomorrow', 'en', '2030-03-13'],
    ['ayer', 'es', '2030-03-11'],
    ['el viernes', 'es', '2030-03-15'],
    ['sexta-feira', 'pt', '2030-03-15'],
    ['5/4/2030', 'es', '2030-04-05'],
    ['5/4/2030', 'pt', '2030-04-05'],
    ['4/5/2030', 'en', '2030-04-05'],
    ['5/4/2030', 'en-GB', '2030-04-05'],
    ['25 de diciembre', 'es', '2030-12-25'],
    ['10 de enero', 'es', '2031-01-10'],
    ['no sé', 'es', null],
    ['a las 3', 'es', null],
    ['', 'es', null],
  ])('%s in %s', (text, locale, expected) => {
    expect(readDate(text, { ...evening, locale })).toBe(expected);
  });
});

describe('times', () => {
  it.each<[string, string, string | null]>([
    ['15:30', 'es', '15:30'],
    ['3 pm', 'es', '15:00'],
    ['3:15 p. m.', 'es', '15:15'],
    ['a las 3 de la tarde', 'es', '15:00'],
    ['a las 8 de la mañana', 'es', '08:00'],
    ['8 y media', 'es', '08:30'],
    ['a las 8 y cuarto de la noche', 'es', '20:15'],
    ['15h30', 'pt', '15:30'],
    ['às 10h', 'pt', '10:00'],
    ['9 da noite', 'pt', '21:00'],
    ['12 am', 'en', '00:00'],
    ['12 pm', 'en', '12:00'],
    ['at 7', 'en', '07:00'],
    ['mediodía', 'es', '12:00'],
    ['meia-noite', 'pt', '00:00'],
    ['tomorrow at 5pm', 'en', '17:00'],
    ['15 am', 'en', null],
    ['25:00', 'es', null],
    ['luego', 'es', null],
  ])('%s in %s', (text, locale, expected) => {
    expect(readTime(text, { ...evening, locale })).toBe(expected);
  });
});

it('reads anything without throwing, and in milliseconds', () => {
  const locales = constantFrom('es', 'en', 'pt');
  const pieces = constantFrom(
    '1 ',
    '.',
    ',',
    '9:',
    'de ',
    'a',
    '12 de ',
    'lunes ',
    '٣',
    '\u{1F600}',
    '\ud800',
    '-',
    ' y ',
  );
  const startedMs = performance.now();
  assert(
    property(string(), pieces, locales, (text, piece, locale) => {
      for (const said of [text, piece.repeat(1000)]) {
        readNumber(said, locale);
        readDate(said, { ...evening, locale });
        readTime(said, { ...evening, locale });
        readYesNo({ text: said });
      }
    }),
  );
  expect(performance.now() - startedMs).toBeLessThan(5000);
});
