import { z } from 'zod';
import { emailSchema } from './auth.dto.js';

/** NIST SP 800-63B: length decides; no rules about kinds of characters. */
export const passwordSchema = z.string().min(10).max(200);
export const linkTokenSchema = z.string().min(1).max(200).describe('What stands behind the # of the link');

export const changePasswordSchema = z
  .strictObject({ currentPassword: z.string().min(1).max(200), newPassword: passwordSchema })
  .meta({
    id: 'ChangePassword',
    examples: [{ currentPassword: 'una frase larga', newPassword: 'otra frase más larga' }],
  });
export type ChangePassword = z.output<typeof changePasswordSchema>;

export const askPasswordResetSchema = z
  .strictObject({ email: emailSchema })
  .meta({ id: 'AskPasswordReset', examples: [{ email: 'lucia@example.com' }] });
export type AskPasswordReset = z.output<typeof askPasswordResetSchema>;

export const finishPasswordResetSchema = z.strictObject({ token: linkTokenSchema, password: passwordSchema }).meta({
  id: 'FinishPasswordReset',
  examples: [
    {
      token: 'dpr_3c7f4ac7b53a4085974c2bbc7e710d57_Y18AjbL9txTr0svLi9nTwaQm1jVOT4FZJ6PgYK6iepU',
      password: 'otra frase más larga',
    },
  ],
});
export type FinishPasswordReset = z.output<typeof finishPasswordResetSchema>;

export const oneTimeLinkSchema = z
  .object({
    link: z.string().describe('Works once. Shown here and never again'),
    expiresAt: z.iso.datetime(),
    isMailed: z.boolean().describe('false: pass the link on yourself'),
  })
  .meta({
    id: 'OneTimeLink',
    example: {
      link: 'https://shop.example.com/reset#dpr_3c7f4ac7b53a4085974c2bbc7e710d57_Y18AjbL9txTr0svLi9nTwaQm1jVOT4FZJ6PgYK6iepU',
      expiresAt: '2026-03-03T15:04:05.000Z',
      isMailed: true,
    },
  });
export type OneTimeLinkView = z.output<typeof oneTimeLinkSchema>;
