import { z } from 'zod';

/** What `POST /{phone-number-id}/messages` takes (provider reference, 2.2), stricter than Meta: no unknown fields. */

const text = (max: number) => z.string().min(1).max(max);
const link = z.url({ protocol: /^https?$/ });
const uploadId = z.string().regex(/^9\d{14}$/);
const one = <T extends z.ZodRawShape>(rest: T) =>
  z.union([z.strictObject({ link, ...rest }), z.strictObject({ id: uploadId, ...rest })]);
const caption = text(1024).optional();
const media = one({ caption });
const plainMedia = one({});
const body = (max: number) => z.strictObject({ text: text(max) });

const button = z.strictObject({
  type: z.literal('reply'),
  reply: z.strictObject({ id: text(256), title: text(20) }),
});
const row = z.strictObject({ id: text(200), title: text(24), description: text(72).optional() });

const interactive = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('button'),
    body: body(1024),
    action: z.strictObject({
      buttons: z
        .array(button)
        .min(1)
        .max(3)
        .refine((buttons) => new Set(buttons.map(({ reply }) => reply.title)).size === buttons.length, 'titles differ'),
    }),
  }),
  z.strictObject({
    type: z.literal('list'),
    body: body(4096),
    action: z.strictObject({
      button: text(20),
      sections: z
        .array(z.strictObject({ title: text(24), rows: z.array(row).min(1) }))
        .min(1)
        .max(10)
        .refine((sections) => sections.flatMap(({ rows }) => rows).length <= 10, 'at most 10 rows in all')
        .refine((sections) => {
          const ids = sections.flatMap(({ rows }) => rows.map(({ id }) => id));
          return new Set(ids).size === ids.length;
        }, 'row ids differ'),
    }),
  }),
  z.strictObject({
    type: z.literal('cta_url'),
    body: body(1024),
    action: z.strictObject({
      name: z.literal('cta_url'),
      parameters: z.strictObject({ display_text: text(20), url: link }),
    }),
  }),
]);

const location = z.strictObject({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  name: text(1000).optional(),
  address: text(1000).optional(),
});

const parameters = <T extends z.ZodType>(of: T) => z.array(of).length(1);
const headerComponent = z.strictObject({
  type: z.literal('header'),
  parameters: parameters(
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('text'), text: text(60) }),
      z.strictObject({ type: z.literal('image'), image: plainMedia }),
      z.strictObject({ type: z.literal('video'), video: plainMedia }),
      z.strictObject({ type: z.literal('document'), document: one({ filename: text(240).optional() }) }),
      z.strictObject({ type: z.literal('location'), location }),
    ]),
  ),
});
const bodyComponent = z.strictObject({
  type: z.literal('body'),
  parameters: z.array(z.strictObject({ type: z.literal('text'), text: text(1024) })).min(1),
});
const buttonOf = <T extends z.ZodType>(subType: string, parameter: T) =>
  z.strictObject({
    type: z.literal('button'),
    sub_type: z.literal(subType),
    index: z.string().regex(/^[0-9]$/),
    parameters: parameters(parameter),
  });
const buttonComponent = z.discriminatedUnion('sub_type', [
  buttonOf('url', z.strictObject({ type: z.literal('text'), text: text(2000) })),
  buttonOf('quick_reply', z.strictObject({ type: z.literal('payload'), payload: text(128) })),
  buttonOf('copy_code', z.strictObject({ type: z.literal('coupon_code'), coupon_code: text(20) })),
]);
const parts = z.union([headerComponent, bodyComponent, buttonComponent]);
const carousel = z.strictObject({
  type: z.literal('carousel'),
  cards: z
    .array(z.strictObject({ card_index: z.int().min(0).max(9), components: z.array(parts).min(1) }))
    .min(2)
    .max(10),
});

const template = z.strictObject({
  name: text(512),
  language: z.strictObject({ code: text(16) }),
  components: z
    .array(z.union([parts, carousel]))
    .min(1)
    .optional(),
});

const contact = z.strictObject({
  name: z.strictObject({ formatted_name: text(255), first_name: text(255) }),
  phones: z.array(z.strictObject({ phone: text(20), type: text(20), wa_id: z.string().regex(/^\d+$/) })).min(1),
});

const common = {
  messaging_product: z.literal('whatsapp'),
  recipient_type: z.literal('individual'),
  /** Meta would put the business's country code before a number without plus; we call it a mistake. */
  to: z
    .string()
    .regex(/^\+\d{7,15}$/)
    .optional(),
  recipient: z
    .string()
    .regex(/^[A-Z]{2}\.[A-Za-z0-9.]{1,132}$/)
    .optional(),
  context: z.strictObject({ message_id: z.string().startsWith('wamid.') }).optional(),
  biz_opaque_callback_data: z.string().max(256).optional(),
};

const message = <T extends string>(type: T, content: z.ZodType) =>
  z.strictObject({ ...common, type: z.literal(type), [type]: content });

const requestSchema = z.discriminatedUnion('type', [
  message('text', z.strictObject({ body: text(4096), preview_url: z.boolean().optional() })),
  message('image', media),
  message('video', media),
  message('audio', plainMedia),
  message('document', one({ caption, filename: text(240).optional() })),
  message('sticker', plainMedia),
  message('location', location),
  message('contacts', z.array(contact).min(1)),
  message('interactive', interactive),
  message('reaction', z.strictObject({ message_id: z.string().startsWith('wamid.'), emoji: z.string().max(64) })),
  message('template', template),
]);

export type GraphRequestBody = z.output<typeof requestSchema> & Readonly<Record<string, unknown>>;

/** The request, or the Graph error code and details it earns. */
export function checkGraphRequest(
  value: unknown,
): { readonly request: GraphRequestBody } | { readonly code: number; readonly details: string } {
  const { data, error } = requestSchema.safeParse(value);
  if (data) {
    if (data.to || data.recipient) return { request: data };
    return { code: 131008, details: 'The parameter to is required.' };
  }
  const issue = error.issues[0];
  const details = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`;
  if (issue?.code === 'unrecognized_keys') return { code: 100, details };
  return { code: issue?.code === 'invalid_type' && /undefined/.test(issue.message) ? 131008 : 131009, details };
}
