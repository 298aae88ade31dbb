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
  .meta({ id: 'GroupMessage' });
export type GroupMessageView = z.output<typeof groupMessageViewSchema>;
export const groupMessagePageSchema = pageSchema(groupMessageViewSchema).meta({ id: 'GroupMessagePage' });
