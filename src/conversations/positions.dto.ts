import { z } from 'zod';

const MAX_IDS = 100;
const UUID = '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';

export const listPositionsSchema = z.strictObject({
  ids: z
    .string()
    .regex(new RegExp(`^${UUID}(,${UUID}){0,${MAX_IDS - 1}}$`), `Must be 1 to ${MAX_IDS} ids, separated by commas`)
    .describe(`Ids of conversations, separated by commas; ${MAX_IDS} at most`)
    .meta({ example: '0190a5c8-3f7e-7c3a-9d52-5b8a4f0c1e11,0190a5c8-3f7e-7c3a-9d52-5b8a4f0c1e12' }),
});
export type ListPositions = z.infer<typeof listPositionsSchema>;

export const positionViewSchema = z
  .object({
    conversationId: z.uuid(),
    turn: z.int().describe('Turns the conversation has had; it stands there since the last of them'),
    flow: z.string().describe('Key of the flow it stands in, the called one where flows call each other'),
    step: z.string().describe('Id of the step'),
    waitsFor: z
      .enum(['answer', 'time', 'event', 'human', 'effect'])
      .nullable()
      .describe('effect: an action or a call to another system'),
    since: z.iso.datetime().nullable().describe('When it began to wait'),
  })
  .meta({ id: 'ConversationPosition' });
export type PositionView = z.infer<typeof positionViewSchema>;

export const positionsSchema = z.object({ items: z.array(positionViewSchema) }).meta({
  id: 'ConversationPositions',
  example: {
    items: [
      {
        conversationId: '0190a5c8-3f7e-7c3a-9d52-5b8a4f0c1e11',
        turn: 4,
        flow: 'ventas',
        step: 'elegir_producto',
        waitsFor: 'answer',
        since: '2026-03-02T15:04:05.000Z',
      },
    ],
  },
});
export type Positions = z.infer<typeof positionsSchema>;
