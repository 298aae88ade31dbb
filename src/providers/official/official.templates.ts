import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { askAccount, refuse, refusedAs } from '../http/ask-account.js';
import type { ProviderTemplate, TemplateAnswer } from '../whatsapp-provider.js';
import { toSendOutcome } from './official.outcome.js';

const FIELDS = 'name,language,status,category,quality_score,rejected_reason,components';

const templateSchema = z.object({
  name: z.string(),
  language: z.string(),
  status: z.string(),
  category: z.string().nullish(),
  quality_score: z.object({ score: z.string().nullish() }).nullish(),
  rejected_reason: z.string().nullish(),
  components: z.array(z.record(z.string(), z.unknown())).nullish(),
});
const pageSchema = z.object({
  data: z.array(templateSchema),
  paging: z
    .object({ cursors: z.object({ after: z.string().optional() }).optional(), next: z.string().optional() })
    .nullish(),
});

export type TemplateQuestion = {
  /** Of the business account. */
  readonly path: string;
  readonly token: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** A longer answer is none. */
  readonly maxBytes: number;
};

/** `GET /{waba-id}/message_templates`, one page. Never throws. */
export async function listOfficialTemplates(
  dispatcher: Dispatcher,
  { path, token, limit, cursor, maxBytes }: TemplateQuestion,
  signal: AbortSignal,
): Promise<TemplateAnswer> {
  const query = new URLSearchParams({ fields: FIELDS, limit: String(limit), ...(cursor && { after: cursor }) });
  const question = {
    path: `${path}/message_templates?${query.toString()}`,
    headers: { authorization: `Bearer ${token}` },
    keepBytes: maxBytes,
  };
  const asked = await askAccount(dispatcher, question, signal);
  if ('ok' in asked) return asked;
  if (asked.status !== 200) return refusedAs(toSendOutcome({ stage: 'answered', retryAfter: null, ...asked }));
  const page = readPage(asked.body);
  if (!page) return refuse('retry', 'UNEXPECTED_ANSWER', 'HTTP 200 without a list of templates');
  const { data, paging } = page;
  return { ok: true, items: data.map(toTemplate), nextCursor: (paging?.next && paging.cursors?.after) || null };
}

function toTemplate(one: z.output<typeof templateSchema>): ProviderTemplate {
  const { name, language, status, category, quality_score: quality, rejected_reason: reason, components } = one;
  return {
    name,
    language,
    status,
    category: category ?? null,
    quality: known(quality?.score, 'UNKNOWN'),
    reason: known(reason, 'NONE'),
    components: components ?? [],
  };
}

/** Meta has a word for having nothing to say. */
export function known(value: string | null | undefined, nothing: string): string | null {
  return value && value !== nothing ? value : null;
}

function readPage(body: string): z.output<typeof pageSchema> | null {
  try {
    return pageSchema.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null; // not JSON: nothing of Meta's
  }
}
