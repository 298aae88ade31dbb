import { z } from 'zod';
import { timeZone } from '../platform/time-zone.js';
import type { TenantProfile } from './tenant.entity.js';

export const LOCALES = ['es', 'en', 'pt'] as const;

const expiryMinutes = z
  .int()
  .min(30)
  .max(43_200)
  .nullable()
  .describe(
    'How long an order waits for its payment before it is cancelled and its units are sold again; null: for ever',
  );
const reminderMinutes = z
  .int()
  .min(10)
  .max(43_190)
  .nullable()
  .describe('How long before that the customer is reminded, once; less than the whole time; null: never');

export const changeTenantSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(120).optional(),
    locale: z.enum(LOCALES).optional().describe('What a bot speaks until a customer chooses'),
    timezone: timeZone.optional(),
    unpaidOrderExpiryMinutes: expiryMinutes.optional(),
    unpaidOrderReminderMinutes: reminderMinutes.optional(),
  })
  .meta({ id: 'ChangeTenant', examples: [{ name: 'Café Aurora', locale: 'es', timezone: 'America/Mexico_City' }] });
export type ChangeTenant = z.output<typeof changeTenantSchema>;

export const tenantViewSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    locale: z.enum(LOCALES),
    currency: z.string().describe('ISO 4217; fixed, because prices and orders are in it'),
    timezone: z.string().describe('IANA name'),
    unpaidOrderExpiryMinutes: expiryMinutes,
    unpaidOrderReminderMinutes: reminderMinutes,
  })
  .meta({
    id: 'Tenant',
    example: {
      id: '2b3c4d5e-6f70-4812-9a3b-4c5d6e7f8091',
      name: 'Café Aurora',
      locale: 'es',
      currency: 'MXN',
      timezone: 'America/Mexico_City',
      unpaidOrderExpiryMinutes: 2880,
      unpaidOrderReminderMinutes: 1500,
    },
  });
export type TenantView = z.output<typeof tenantViewSchema>;

export function toTenantView(tenant: TenantProfile): TenantView {
  const { id, name, locale, currency, timezone, unpaidOrderExpiryMinutes, unpaidOrderReminderMinutes } = tenant;
  return { id, name, locale, currency, timezone, unpaidOrderExpiryMinutes, unpaidOrderReminderMinutes };
}
