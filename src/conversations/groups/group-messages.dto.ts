import { z } from 'zod';
import { sortSchema } from '../../platform/http/sorted-page.js';
import { pageQuerySchema, pageSchema } from '../../platform/http/page.js';

export const listGroupMessagesSchema = pageQuerySchema.extend({
  botId: z.uuid().optional(),
  groupId: z.string().min(1).max(255).optional(),
  sort: sortSchema(['receivedAt'], '-receivedAt'),
});
export type ListGroupMessages = z.output<typeof listGroupMessagesSchema>;

export const groupMessageViewSchema = z
  .object({
    id: z.string(),
    botId: z.uuid(),
    connectionId: z.uuid(),
    groupId: z.string().describe("The provider's id of the group"),
    isOwn: z.boolean().describe('Said by the shop, from its phone'),
    author: z.object({ address: z.string(), phone: z.string().nullable(), name: z.string().nullable() }),
    content: z.looseObject({ type: z.string(), text: z.string() }),
    saidAt: z.iso.datetime().describe("By the provider's clock"),
    receivedAt: z.iso.datetime(),
  })
  .meta({
    id: 'GroupMessage',
    example: {
      id: '5512',
      botId: '8d5e2f14-90ab-4c3d-8e7f-1a2b3c4d5e6f',
      connectionId: '0190a5c8-3f7e-7c3a-9d52-5b8a4f0c1e11',
      groupId: '120363041234567890@g.us',
      isOwn: false,
      author: { address: '525512345678', phone: '+525512345678', name: 'Marta' },
      content: { type: 'text', text: '¿A qué hora abren?' },
      saidAt: '2026-03-04T09:30:00.000Z',
      receivedAt: '2026-03-04T09:30:01.000Z',
    },
  });
export type GroupMessageView = z.output<typeof groupMessageViewSchema>;
export const groupMessagePageSchema = pageSchema(groupMessageViewSchema).meta({ id: 'GroupMessagePage' });
