import { z } from 'zod';

const status = z.enum(['up', 'degraded', 'down']);

export const liveViewSchema = z.object({ status: z.literal('up') }).meta({ id: 'Live', example: { status: 'up' } });
export type LiveView = z.infer<typeof liveViewSchema>;

export const readyViewSchema = z
  .object({
    status: status.describe('down when a record store is down or the process is stopping'),
    checks: z.array(z.object({ name: z.string(), status, detail: z.string().nullable() })),
  })
  .meta({
    id: 'Ready',
    examples: [{ status: 'up', checks: [{ name: 'postgres', status: 'up', detail: null }] }],
  });
export type ReadyView = z.infer<typeof readyViewSchema>;
