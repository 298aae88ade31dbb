import type { OutboundContent } from '../../messages/message-content.js';
import type { TemplateButton, TemplateCard, TemplateHeader } from '../../messages/template-content.js';

type Component = Readonly<Record<string, unknown>> & { readonly type: string };

/**
 * The `template` of a message (reference 2.2); parts that take no value are left out.
 *
 * @param uploadId Meta's own id of the file of the header, where it was uploaded
 */
export function renderTemplate(
  { name, language, params, header, buttons, cards }: Extract<OutboundContent, { kind: 'template' }>,
  uploadId?: string,
): object {
  const components = [
    ...(header ? [renderHeader(header, uploadId)] : []),
    ...renderBody(params),
    ...(buttons ?? []).map(renderButton),
    ...(cards ? [{ type: 'carousel', cards: cards.map(renderCard) }] : []),
  ];
  return { name, language: { code: language }, components: components.length > 0 ? components : undefined };
}

function renderHeader(header: TemplateHeader, uploadId?: string): Component {
  return { type: 'header', parameters: [headerParameter(header, uploadId)] };
}

function headerParameter(header: TemplateHeader, uploadId?: string): Component {
  if (header.type === 'text') return header;
  if (header.type === 'location') {
    const { type, ...location } = header;
    return { type, location };
  }
  const file = uploadId === undefined ? { link: header.url } : { id: uploadId };
  const filename = header.type === 'document' ? header.filename : undefined;
  return { type: header.type, [header.type]: filename === undefined ? file : { ...file, filename } };
}

function renderBody(params: readonly string[]): Component[] {
  return params.length > 0 ? [{ type: 'body', parameters: params.map((text) => ({ type: 'text', text })) }] : [];
}

function renderButton(button: TemplateButton): Component {
  const at = (subType: string, parameter: object): Component => {
    return { type: 'button', sub_type: subType, index: String(button.index), parameters: [parameter] };
  };
  if (button.type === 'url') return at('url', { type: 'text', text: button.suffix });
  if (button.type === 'quick_reply') return at('quick_reply', { type: 'payload', payload: button.payload });
  return at('copy_code', { type: 'coupon_code', coupon_code: button.code });
}

function renderCard({ header, params, buttons }: TemplateCard, index: number): object {
  const parameter = { type: header.type, [header.type]: { link: header.url } };
  const components = [
    { type: 'header', parameters: [parameter] },
    ...renderBody(params),
    ...(buttons ?? []).map(renderButton),
  ];
  return { card_index: index, components };
}
