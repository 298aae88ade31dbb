import { z } from 'zod';
import { idField, optionalId, textField, timeField } from '../reading/webhook-reading.js';
import { findOfficialErrorRule } from '../meta/meta-errors.js';
import { lateRule } from '../whatsapp-provider.js';
import { errorsField, titleOf } from './official.reading.js';
import type { StatusUpdate } from './official.webhook-types.js';

const statusSchema = z.object({
  id: idField,
  status: textField,
  timestamp: timeField,
  biz_opaque_callback_data: optionalId,
  errors: errorsField,
});

const KNOWN = new Set<string>(['sent', 'delivered', 'read', 'played', 'failed'] satisfies StatusUpdate['status'][]);

/** What became of one sent message; the name alone for a status we do not use, null when it is no status at all. */
export function readStatus(raw: unknown, phoneNumberId: string, receivedAt: Date): StatusUpdate | string | null {
  const { data } = statusSchema.safeParse(raw);
  if (!data) return null;
  if (!isKnown(data.status)) return data.status;
  const error = data.errors?.[0];
  const errorRule = error && lateRule(findOfficialErrorRule(error.code));
  return {
    phoneNumberId,
    providerMessageId: data.id,
    outboxId: data.biz_opaque_callback_data ?? null,
    status: data.status,
    at: data.timestamp ?? receivedAt,
    ...(error && { errorCode: String(error.code), errorClass: classOf(error.code), errorTitle: titleOf(error) }),
    ...(errorRule && { errorRule }),
  };
}

/** An unlisted code after acceptance: no reason to think that the same message would do better. */
export function classOf(code: number): NonNullable<StatusUpdate['errorClass']> {
  return findOfficialErrorRule(code)?.class ?? 'permanent';
}

function isKnown(status: string): status is StatusUpdate['status'] {
  return KNOWN.has(status);
}
