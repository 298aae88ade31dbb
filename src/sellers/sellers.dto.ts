import { z } from 'zod';
import { timeZone } from '../platform/time-zone.js';
import { sortSchema } from '../platform/http/sorted-page.js';
import { flag } from '../platform/http/flag.js';
import { instant } from '../platform/http/instant.js';
import { pageQuerySchema, pageSchema } from '../platform/http/page.js';
import { SELLER_RULES } from './seller-settings.entity.js';

const MINUTE = /^([01]\d|2[0-3]):[0-5]\d$/;
const hoursSchema = z
  .array(
    z
      .strictObject({
        day: z.int().min(1).max(7).describe('1 Monday – 7 Sunday'),
        from: z.string().regex(MINUTE, 'Must be HH:MM'),
        to: z.union([z.string().regex(MINUTE, 'Must be HH:MM'), z.literal('24:00')]).describe('The first minute off'),
      })
      .refine(({ from, to }) => from < to, {
        error: 'Must be later than from; past midnight is the next day',
        path: ['to'],
      }),
  )
  .min(1)
  .max(50)
  .nullable()
  .describe('When they work, every week, by their own clock; null: always');

const fields = {
  name: z.string().trim().min(1).max(100),
  phone: z.e164().describe('E.164, with the leading plus'),
  userId: z.uuid().nullable().describe('The user who signs in as this seller'),
  isActive: z.boolean().describe('false pauses: no new orders'),
  pausedUntil: z.iso
    .datetime({ offset: true })
    .nullable()
    .describe('No new orders before; they begin again by themselves'),
  hours: hoursSchema,
  timezone: timeZone.nullable().describe("IANA name; null: the business's"),
  botIds: z.array(z.uuid()).max(100).describe('The bots whose orders they get; empty: of every bot'),
  categoryIds: z.array(z.uuid()).max(100).describe('What they know best, for the rule by_category'),
};

export const createSellerSchema = z
  .strictObject({
    ...fields,
    userId: fields.userId.default(null),
    isActive: fields.isActive.default(true),
    pausedUntil: fields.pausedUntil.default(null),
    hours: fields.hours.default(null),
    timezone: fields.timezone.default(null),
    botIds: fields.botIds.default([]),
    categoryIds: fields.categoryIds.default([]),
  })
  .meta({ id: 'CreateSeller', example: { name: 'Lupita Hernández', phone: '+5215512345678' } });
export type CreateSeller = z.output<typeof createSellerSchema>;

export const changeSellerSchema = z
  .strictObject(fields)
  .partial()
  .meta({ id: 'ChangeSeller', example: { pausedUntil: '2026-12-24T18:00:00-06:00' } });
export type ChangeSeller = z.output<typeof changeSellerSchema>;

export const listSellersSchema = pageQuerySchema.extend({
  active: flag.optional(),
  sort: sortSchema(['name', 'createdAt'], 'name'),
});
export type ListSellers = z.output<typeof listSellersSchema>;

export const sellerViewSchema = z
  .object({
    id: z.uuid(),
    ...fields,
    pausedUntil: z.iso.datetime().nullable(),
    lastAssignedAt: z.iso.datetime().nullable(),
    revision: z.int(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({
    id: 'Seller',
    example: {
      id: '9e8d7c6b-5a49-4382-9716-05f4e3d2c1b0',
      name: 'Lupita Hernández',
      phone: '+5215512345678',
      userId: null,
      isActive: true,
      pausedUntil: null,
      hours: [{ day: 1, from: '09:00', to: '18:00' }],
      timezone: 'America/Mexico_City',
      botIds: [],
      categoryIds: [],
      lastAssignedAt: '2026-03-04T09:30:00.000Z',
      revision: 3,
      createdAt: '2026-03-02T15:04:05.000Z',
      updatedAt: '2026-03-04T09:30:00.000Z',
    },
  });
export type SellerView = z.output<typeof sellerViewSchema>;
export const sellerPageSchema = pageSchema(sellerViewSchema).meta({ id: 'SellerPage' });

const ruleSchema = z
  .enum(SELLER_RULES)
  .describe(
    'round_robin: who has waited longest. least_open: who has the fewest orders in hand. by_category: who knows what was ordered',
  );
export const changeSellerSettingsSchema = z
  .strictObject({ rule: ruleSchema })
  .meta({ id: 'ChangeSellerSettings', example: { rule: 'least_open' } });
export type ChangeSellerSettings = z.output<typeof changeSellerSettingsSchema>;
export const sellerSettingsViewSchema = z
  .object({ rule: ruleSchema, revision: z.int().describe('0: never changed') })
  .meta({ id: 'SellerSettings', example: { rule: 'least_open', revision: 1 } });
export type SellerSettingsView = z.output<typeof sellerSettingsViewSchema>;

export const statisticsQuerySchema = z
  .strictObject({
    from: instant.optional().describe('Placed at or after; 30 days before `to` unless said'),
    to: instant.optional().describe('Placed before; now unless said'),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), {
    error: 'Must be later than from',
    path: ['to'],
  });
export type StatisticsQuery = z.output<typeof statisticsQuerySchema>;

const seconds = z.number().nonnegative().nullable();
const EXAMPLE_STATISTICS = {
  sellerId: '9e8d7c6b-5a49-4382-9716-05f4e3d2c1b0',
  name: 'Lupita Hernández',
  orders: 31,
  cancelled: 2,
  openNow: 4,
  totalMinor: 1_245_000,
  currency: 'MXN',
  responseSeconds: { answered: 29, mean: 412.5, p50: 260, p95: 1310 },
};
export const sellerStatisticsSchema = z
  .object({
    sellerId: z.uuid(),
    name: z.string(),
    orders: z.int().describe('Placed in the window and not cancelled'),
    cancelled: z.int(),
    openNow: z.int().describe('In hand now, whenever placed: placed, confirmed or paid'),
    totalMinor: z.int().describe('Of the orders that were not cancelled'),
    currency: z.string(),
    responseSeconds: z
      .object({ answered: z.int(), mean: seconds, p50: seconds, p95: seconds })
      .describe('From an order to what somebody of the business first did with it, confirm or cancel'),
  })
  .meta({ id: 'SellerStatistics', example: EXAMPLE_STATISTICS });
export type SellerStatistics = z.output<typeof sellerStatisticsSchema>;
export const sellerStatisticsListSchema = z
  .object({ from: z.iso.datetime(), to: z.iso.datetime(), items: z.array(sellerStatisticsSchema).describe('By name') })
  .meta({
    id: 'SellerStatisticsList',
    example: { from: '2026-02-02T00:00:00.000Z', to: '2026-03-04T00:00:00.000Z', items: [EXAMPLE_STATISTICS] },
  });
export type SellerStatisticsList = z.output<typeof sellerStatisticsListSchema>;
