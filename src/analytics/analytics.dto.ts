import { z } from 'zod';

export const WINDOWS = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24 } as const;

export const metricsQuerySchema = z.strictObject({ window: z.enum(['24h', '7d', '30d']).default('24h') });
export type MetricsQuery = z.infer<typeof metricsQuerySchema>;

const ms = z.number().nonnegative().nullable().describe('Milliseconds; null when nothing was answered');

export const metricsViewSchema = z
  .object({
    window: z.enum(['24h', '7d', '30d']),
    from: z.iso.datetime(),
    to: z.iso.datetime().describe('The window is half-open: from ≤ t < to'),
    messagesIn: z.int().describe('Messages received from customers'),
    messagesOut: z.int().describe('Messages a provider accepted, notices left out'),
    errorRate: z
      .number()
      .min(0)
      .max(1)
      .describe('Messages that ended failed or unknown, of all that ended, notices left out'),
    notices: z.int().describe('Notices of orders and the like a provider accepted, to sellers and to customers'),
    noticesFailed: z.int().describe('Notices that ended failed or unknown'),
    responseTime: z
      .object({ meanMs: ms, p50Ms: ms, p95Ms: ms })
      .describe('From the receipt of a message to the acceptance of the first answer to it'),
    conversations: z.int().describe('Conversations in which a customer wrote'),
    conversions: z.int().describe('Of these, the ones in which an order was placed'),
    conversionRate: z.number().min(0).max(1),
    orders: z.int().describe('Orders placed and not cancelled'),
    revenue: z.array(z.object({ currency: z.string(), totalMinor: z.int() })).describe('Of these orders, minor units'),
  })
  .meta({
    id: 'Metrics',
    examples: [
      {
        window: '24h',
        from: '2026-01-01T00:00:00.000Z',
        to: '2026-01-02T00:00:00.000Z',
        messagesIn: 412,
        messagesOut: 466,
        errorRate: 0.002,
        notices: 28,
        noticesFailed: 1,
        responseTime: { meanMs: 71.2, p50Ms: 58, p95Ms: 140 },
        conversations: 61,
        conversions: 14,
        conversionRate: 0.2295,
        orders: 14,
        revenue: [{ currency: 'MXN', totalMinor: 684000 }],
      },
    ],
  });
export type MetricsView = z.infer<typeof metricsViewSchema>;
