import { z } from 'zod';
import { MEDIA_KINDS } from '../messages/message-content.js';
import { listSchema } from '../platform/http/page.js';
import { baileysCredentialsSchema } from '../providers/baileys/baileys.credentials.js';
import { evolutionCredentialsSchema } from '../providers/evolution/evolution.credentials.js';
import { officialCredentialsSchema } from '../providers/official/official.credentials.js';
import { simulatorCredentialsSchema } from '../providers/simulator/simulator.credentials.js';
import { twilioCredentialsSchema } from '../providers/twilio/twilio.credentials.js';
import { type ProviderName, REJECTION_CLASSES } from '../providers/whatsapp-provider.js';

const name = z.string().trim().min(1).max(120);
const position = z.int().min(0).max(1000).describe('Place in the order of preference, lowest first');
const number = z
  .e164()
  .nullable()
  .describe('The number customers see; connections that share it may stand in for each other. null: not told');
const credentials = z
  .record(z.string(), z.unknown())
  .describe(
    'Those of CreateConnection for its provider, which GET /api/providers lists too; they never come out again',
  );

/** Of each provider: what a tenant enters to connect by it. */
const CREDENTIALS = {
  official: officialCredentialsSchema,
  twilio: twilioCredentialsSchema,
  evolution: evolutionCredentialsSchema,
  baileys: baileysCredentialsSchema,
  simulator: simulatorCredentialsSchema,
} satisfies Record<ProviderName, z.ZodObject>;

function createBy<const P extends ProviderName>(provider: P) {
  return z
    .strictObject({
      provider: z.literal(provider),
      name,
      position: position.default(0),
      number: number.optional(),
      credentials: CREDENTIALS[provider],
    })
    .meta({ id: `Create${provider[0]?.toUpperCase()}${provider.slice(1)}Connection` });
}

export const createConnectionSchema = z
  .discriminatedUnion('provider', [
    createBy('official'),
    createBy('twilio'),
    createBy('evolution'),
    createBy('baileys'),
    createBy('simulator'),
  ])
  .meta({
    id: 'CreateConnection',
    example: {
      provider: 'official',
      name: 'Ventas',
      position: 0,
      credentials: {
        phoneNumberId: '106540352242922',
        wabaId: '102290129340398',
        accessToken: 'EAAGm0PX4ZCpsBAKZCZA9eXample',
        appSecret: '0f1e2d3c4b5a',
        verifyToken: 'my-own-choice',
      },
    },
  });
export type CreateConnection = z.output<typeof createConnectionSchema>;

export const changeConnectionSchema = z
  .strictObject({
    name: name.optional(),
    position: position.optional(),
    number: number.optional(),
    state: z.enum(['active', 'paused']).optional().describe('paused: receives, and sends nothing'),
    credentials: credentials.optional().describe('Replaces all of them'),
  })
  .meta({ id: 'ChangeConnection', examples: [{ state: 'paused' }] });
export type ChangeConnection = z.output<typeof changeConnectionSchema>;

export const connectionViewSchema = z
  .object({
    id: z.uuid(),
    botId: z.uuid(),
    provider: z.string(),
    name: z.string(),
    position: z.int(),
    state: z.enum(['active', 'paused']),
    health: z.enum(['unknown', 'up', 'degraded', 'auth_lost']),
    healthReason: z.string().nullable(),
    healthAt: z.iso.datetime().nullable(),
    externalId: z.string().nullable().describe('What the provider routes webhooks by; official: the phone number id'),
    number: z.string().nullable().describe('The number customers see, where it was told'),
    restrictedUntil: z.iso.datetime().nullable().describe('Until then the number writes to nobody first'),
    templateProblems: z
      .array(
        z.object({
          name: z.string(),
          language: z.string(),
          status: z.string().describe('REJECTED, PAUSED, DISABLED, PENDING_DELETION or DELETED'),
          reason: z.string().nullable(),
          noticedAt: z.iso.datetime(),
        }),
      )
      .describe('Templates that the bot uses, for late messages or in its flow, and that the provider does not send'),
    lastInAt: z.iso.datetime().nullable().describe('Last message that came in by it, to within ten seconds'),
    lastOutAt: z.iso.datetime().nullable().describe('Last message its provider took, to within ten seconds'),
    credentialFields: z.array(z.string()).describe('Which credentials are set; their values are never shown'),
    revision: z.int().describe('Also the ETag; send it back as If-Match: "<revision>"'),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({
    id: 'Connection',
    example: {
      id: '0190a5c8-3f7e-7c3a-9d52-5b8a4f0c1e11',
      botId: '8d5e2f14-90ab-4c3d-8e7f-1a2b3c4d5e6f',
      provider: 'official',
      name: 'Ventas',
      position: 0,
      state: 'active',
      health: 'up',
      healthReason: null,
      healthAt: '2026-03-04T09:30:00.000Z',
      externalId: '106540352242922',
      number: '+5215512345678',
      restrictedUntil: null,
      templateProblems: [],
      lastInAt: '2026-03-04T09:30:00.000Z',
      lastOutAt: '2026-03-04T09:30:00.000Z',
      credentialFields: ['phoneNumberId', 'wabaId', 'accessToken', 'appSecret', 'verifyToken'],
      revision: 2,
      createdAt: '2026-03-02T15:04:05.000Z',
      updatedAt: '2026-03-04T09:30:00.000Z',
    },
  });
export const connectionListSchema = listSchema(connectionViewSchema).meta({ id: 'ConnectionList' });

export const connectionOrderSchema = z
  .strictObject({ ids: z.array(z.uuid()).max(100).describe('Every connection of the bot, the most preferred first') })
  .meta({
    id: 'ConnectionOrder',
    examples: [{ ids: ['0190a5c8-3f7e-7c3a-9d52-5b8a4f0c1e11', '0190a5c8-3f7e-7c3a-9d52-5b8a4f0c1e12'] }],
  });
export type ConnectionOrder = z.output<typeof connectionOrderSchema>;

export const connectionCheckSchema = z
  .object({
    ok: z.boolean(),
    displayName: z.string().nullable().describe('What the provider calls the account'),
    number: z.string().nullable().describe('The number customers see, where the provider tells it'),
    problem: z
      .object({
        class: z
          .enum(REJECTION_CLASSES)
          .describe(
            'auth: credentials or account; failover: not connected now; retry: no answer, which proves nothing',
          ),
        code: z.string().describe("The provider's, such as 190 or LICENSE_REQUIRED, or ours"),
        reason: z.string(),
      })
      .nullable(),
  })
  .meta({
    id: 'ConnectionCheck',
    example: { ok: true, displayName: 'Café Aurora', number: '+5215512345678', problem: null },
  });
export type ConnectionCheck = z.output<typeof connectionCheckSchema>;

export const providerListSchema = z
  .object({
    items: z.array(
      z.object({
        name: z.string(),
        capabilities: z.object({
          maxTextChars: z.int(),
          maxButtons: z.int(),
          maxListRows: z.int(),
          canSendTemplates: z.boolean(),
          canReact: z.boolean(),
          canQuote: z.boolean(),
          media: z
            .partialRecord(
              z.enum(MEDIA_KINDS),
              z.object({ maxBytes: z.int(), mimeTypes: z.array(z.string()).readonly() }),
            )
            .describe('What files the connection takes, by kind; no MIME types: any'),
          hasServiceWindow: z.boolean(),
        }),
        credentials: z
          .record(z.string(), z.unknown())
          .describe('JSON Schema of the credentials: draw the form from it'),
        fields: z
          .array(
            z.object({
              name: z.string(),
              label: z.object({ es: z.string(), en: z.string(), pt: z.string() }),
              isSecret: z.boolean(),
              isRequired: z.boolean(),
            }),
          )
          .describe('The fields of the form, in order, as people call them'),
      }),
    ),
  })
  .meta({
    id: 'ProviderList',
    example: {
      items: [
        {
          name: 'baileys',
          capabilities: {
            maxTextChars: 4096,
            maxButtons: 0,
            maxListRows: 0,
            canSendTemplates: false,
            canReact: true,
            canQuote: true,
            media: { image: { maxBytes: 16_777_216, mimeTypes: ['image/jpeg', 'image/png'] } },
            hasServiceWindow: false,
          },
          credentials: { type: 'object', properties: { phoneNumber: { type: 'string' } } },
          fields: [
            {
              name: 'phoneNumber',
              label: { es: 'Número de teléfono', en: 'Phone number', pt: 'Número de telefone' },
              isSecret: false,
              isRequired: false,
            },
          ],
        },
      ],
    },
  });
export type ProviderList = z.output<typeof providerListSchema>;
