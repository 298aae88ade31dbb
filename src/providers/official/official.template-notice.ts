import { z } from 'zod';
import type { AccountNotice } from './official.webhook-types.js';
import { known } from './official.templates.js';

export type OfficialTemplateNotice = {
  readonly name: string;
  readonly language: string;
  readonly status: string | null;
  readonly quality: string | null;
  readonly category: string | null;
  readonly reason: string | null;
};

const word = z.string().min(1).max(100);
const named = {
  message_template_name: z.string().min(1).max(512),
  message_template_language: z.string().min(2).max(16),
};
const statusSchema = z.object({
  ...named,
  event: word,
  message_template_category: word.nullish().catch(null),
  reason: z.string().max(500).nullish().catch(null),
});
const qualitySchema = z.object({ ...named, new_quality_score: word });
const categorySchema = z.object({ ...named, new_category: word });

/** What Meta tells of one template (reference 2.4); null for every other notice, and for one that names none. */
export function readTemplateNotice(notice: AccountNotice): OfficialTemplateNotice | null {
  if (notice.kind !== 'account') return null;
  switch (notice.field) {
    case 'message_template_status_update': {
      const { data } = statusSchema.safeParse(notice.detail);
      if (!data) return null;
      const reason = known(data.reason, 'NONE');
      return toNotice(data, { status: data.event, category: data.message_template_category ?? null, reason });
    }
    case 'message_template_quality_update': {
      const { data } = qualitySchema.safeParse(notice.detail);
      return data ? toNotice(data, { quality: known(data.new_quality_score, 'UNKNOWN') }) : null;
    }
    case 'template_category_update': {
      const { data } = categorySchema.safeParse(notice.detail);
      return data ? toNotice(data, { category: data.new_category }) : null;
    }
    default:
      return null;
  }
}

function toNotice(
  named: { message_template_name: string; message_template_language: string },
  told: Partial<OfficialTemplateNotice>,
): OfficialTemplateNotice {
  const { message_template_name: name, message_template_language: language } = named;
  return { name, language, status: null, quality: null, category: null, reason: null, ...told };
}
