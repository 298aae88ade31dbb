import { createHash, createHmac } from 'node:crypto';
import { Agent, request } from 'undici';

export type TwilioForm = Readonly<Record<string, string>>;

export const DOUBLE_ACCOUNT_SID = `AC${'0123456789abcdef'.repeat(2)}`;
export const DOUBLE_AUTH_TOKEN = 'test-auth-token';

let sids = 0;

/** `SM…` or `MM…` with 32 hex digits, a different one each time. */
export function newSid(kind: 'SM' | 'MM' | 'ME'): string {
  return kind + createHash('md5').update(`${process.pid} ${++sids}`).digest('hex');
}

export type TwilioInboundOptions = {
  /** Digits, or a business-scoped user id. */
  readonly from: string;
  readonly to?: string;
  readonly text?: string;
  readonly sid?: string;
  readonly name?: string;
  readonly accountSid?: string;
  /** Fields of other kinds of messages; they win over those made here. */
  readonly extra?: TwilioForm;
};

/** One customer's message with the fields real captures have (reference 3.4). */
export function inboundForm(options: TwilioInboundOptions): TwilioForm {
  const { from, to = '14155238886', text = '', name = 'Ana', accountSid = DOUBLE_ACCOUNT_SID, extra } = options;
  const sid = options.sid ?? newSid('SM');
  const isHidden = !/^\d+$/.test(from);
  return {
    SmsMessageSid: sid,
    NumMedia: '0',
    ProfileName: name,
    MessageType: 'text',
    SmsSid: sid,
    ...(isHidden ? { ExternalUserId: `whatsapp:${from}` } : { WaId: from }),
    SmsStatus: 'received',
    Body: text,
    To: `whatsapp:+${to}`,
    NumSegments: '1',
    ReferralNumMedia: '0',
    MessageSid: sid,
    AccountSid: accountSid,
    ChannelMetadata: JSON.stringify({ type: 'whatsapp', data: { context: { ProfileName: name } } }),
    From: isHidden ? `whatsapp:${from}` : `whatsapp:+${from}`,
    ApiVersion: '2010-04-01',
    ...extra,
  };
}

export function statusForm(sid: string, status: string, extra: TwilioForm = {}): TwilioForm {
  return {
    MessageSid: sid,
    SmsSid: sid,
    MessageStatus: status,
    SmsStatus: status,
    AccountSid: DOUBLE_ACCOUNT_SID,
    From: 'whatsapp:+14155238886',
    To: 'whatsapp:+5215512345678',
    ApiVersion: '2010-04-01',
    ChannelPrefix: 'whatsapp',
    ChannelToAddress: '+521551234XXXX',
    ...extra,
  };
}

/** By hand and not by our own code, so that the two can disagree. */
export function signForm(authToken: string, url: string, form: TwilioForm): string {
  const fields = Object.keys(form)
    .toSorted()
    .map((name) => name + form[name])
    .join('');
  return createHmac('sha1', authToken)
    .update(url + fields)
    .digest('base64');
}

export type PostResult = { readonly status: number; readonly contentType: string; readonly body: string };

/** Posts signed forms, each once: Twilio by itself does not repeat what was answered with an error. */
export class TwilioPoster {
  private readonly agent = new Agent({ connections: 64, pipelining: 1 });

  /** @param signedUrl where Twilio believes to post, when a proxy stands between */
  async post(url: string, form: TwilioForm, authToken = DOUBLE_AUTH_TOKEN, signedUrl = url): Promise<PostResult> {
    const answer = await request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'x-twilio-signature': signForm(authToken, signedUrl, form),
        'i-twilio-idempotency-token': newSid('ME'),
      },
      body: new URLSearchParams(form).toString(),
      dispatcher: this.agent,
    });
    const contentType = String(answer.headers['content-type'] ?? '');
    return { status: answer.statusCode, contentType, body: await answer.body.text() };
  }

  async stop(): Promise<void> {
    await this.agent.destroy();
  }
}
