import { describe, expect, it } from 'vitest';
import { fold, textIn } from './localized-text.js';

describe('texts per language', () => {
  it('gives the language asked for, and Spanish when it is missing', () => {
    const name = { es: 'Café de olla', pt: 'Café de panela' };
    expect(textIn('pt', name)).toBe('Café de panela');
    expect(textIn('en', name)).toBe('Café de olla');
  });

  it('folds accents, case and outer space', () => {
    expect(fold('  CAFÉ Ñandú São ')).toBe('cafe nandu sao');
  });
});
