import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { emailSchema } from './auth.dto.js';

describe('an e-mail', () => {
  it.each(['lucia@example.com', 'o.brien+shop@mail.example.co.uk', 'a@xn--caf-dma.example'])('may be %s', (text) => {
    expect(emailSchema.safeParse(text).success).toBe(true);
  });

  it.each(['a@shop-.example.com', 'a@-shop.example.com', `a@${'x'.repeat(64)}.com`, 'a@example', 'a@@example.com'])(
    'may not be %s, by the description of the API either',
    (text) => {
      expect(emailSchema.safeParse(text).success).toBe(false);
      const { pattern } = z.toJSONSchema(emailSchema, { io: 'input' });
      expect(new RegExp(pattern ?? '').test(text)).toBe(false);
    },
  );
});
