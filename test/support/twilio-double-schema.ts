/** What `POST …/Messages.json` takes (provider reference, 3.2), stricter than Twilio: no unknown fields. */
export type TwilioRequest = {
  readonly to: string;
  /** `whatsapp:+…`, or the sid of a Messaging Service. */
  readonly sender: string;
  readonly body: string | null;
  readonly mediaUrl: string | null;
  readonly contentSid: string | null;
  readonly contentVariables: Readonly<Record<string, string>> | null;
  readonly persistentAction: string | null;
  readonly statusCallback: string | null;
};
export type TwilioRefusal = { readonly code: number; readonly message: string };

const FIELDS = new Set([
  'To',
  'From',
  'MessagingServiceSid',
  'Body',
  'MediaUrl',
  'ContentSid',
  'ContentVariables',
  'PersistentAction',
  'StatusCallback',
]);
const PERSON = /^whatsapp:(\+[1-9]\d{6,14}|[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128})$/;

/** The request, or the error code and message it earns. */
export function checkTwilioForm(form: URLSearchParams): TwilioRequest | TwilioRefusal {
  const names = [...form.keys()];
  const odd = names.find((name, index) => !FIELDS.has(name) || names.indexOf(name) !== index);
  if (odd !== undefined) return { code: 20001, message: `Parameter ${odd} is unknown or repeated.` };
  const to = form.get('To');
  const sender = form.get('From') ?? form.get('MessagingServiceSid');
  const body = form.get('Body');
  const mediaUrl = form.get('MediaUrl');
  const contentSid = form.get('ContentSid');
  const persistentAction = form.get('PersistentAction');
  const statusCallback = form.get('StatusCallback');
  if (!to) return { code: 21604, message: "A 'To' phone number is required." };
  if (!PERSON.test(to)) return { code: 21211, message: `The 'To' number ${to} is not a valid phone number.` };
  if (!sender) return { code: 21603, message: "A 'From' phone number is required." };
  if (form.has('From') && form.has('MessagingServiceSid')) return { code: 20001, message: 'Two senders.' };
  if (form.has('From') && !/^whatsapp:\+[1-9]\d{6,14}$/.test(sender)) {
    return { code: 21212, message: `The 'From' number ${sender} is not a valid phone number.` };
  }
  if (form.has('MessagingServiceSid') && !/^MG[0-9a-f]{32}$/i.test(sender)) {
    return { code: 21705, message: 'The Messaging Service Sid is invalid.' };
  }
  if (body !== null && body.length > 1600) {
    return { code: 21617, message: 'The concatenated message body exceeds the 1600 character limit.' };
  }
  if (!body && !mediaUrl && !contentSid) return { code: 21619, message: 'Body or media urls must be specified.' };
  if (mediaUrl !== null && !isWebUrl(mediaUrl)) return { code: 21620, message: 'Invalid media URL(s).' };
  if (contentSid !== null && !/^HX[0-9a-f]{32}$/i.test(contentSid)) return { code: 21656, message: 'Bad ContentSid.' };
  const contentVariables = readVariables(form.get('ContentVariables'));
  if (contentVariables === undefined || (contentVariables && !contentSid)) {
    return { code: 21656, message: 'The ContentVariables parameter is invalid.' };
  }
  if (persistentAction !== null && !/^geo:-?\d+(\.\d+)?,-?\d+(\.\d+)?\|[^|]+$/.test(persistentAction)) {
    return { code: 20001, message: 'Bad PersistentAction.' };
  }
  if (statusCallback !== null && !isWebUrl(statusCallback)) {
    return { code: 21609, message: 'The StatusCallback URL is not a valid URL.' };
  }
  return { to, sender, body, mediaUrl, contentSid, contentVariables, persistentAction, statusCallback };
}

/** Undefined when it is not a JSON object of texts. */
function readVariables(value: string | null): Readonly<Record<string, string>> | null | undefined {
  if (value === null) return null;
  try {
    const variables = JSON.parse(value) as unknown;
    const isFlat = typeof variables === 'object' && variables !== null && !Array.isArray(variables);
    if (!isFlat || Object.values(variables).some((one) => typeof one !== 'string')) return undefined;
    return variables as Readonly<Record<string, string>>;
  } catch {
    return undefined;
  }
}

function isWebUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}
