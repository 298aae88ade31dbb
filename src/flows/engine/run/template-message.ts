import type { OutboundContent } from '../../../messages/message-content.js';
import type { TemplateButton, TemplateHeader } from '../../../messages/template-content.js';
import type { TemplateMessage } from '../document/template-message.js';
import { address, fileAt } from './addresses.js';
import { clip } from './clip.js';
import { FlowFault } from '../fault.js';
import type { TurnRun } from './turn-run.js';

/** Lengths of the vocabulary (template-content). */
const MAX = { param: 1024, header: 60, filename: 240, place: 1000, suffix: 2000, payload: 128, code: 20 };

/**
 * The template with the values of its expressions. What a customer only reads is cut to its length; half an address or
 * code would be another one.
 *
 * @throws FlowFault a part is empty, or longer than it may be
 */
export function fillTemplate(run: TurnRun, template: TemplateMessage): OutboundContent {
  const { name, language = run.running.lang, params, header, buttons, cards } = template;
  return {
    kind: 'template',
    name,
    language,
    params: fillParams(run, params),
    ...(header && { header: fillHeader(run, header) }),
    ...(buttons && { buttons: fillButtons(run, buttons) }),
    ...(cards && {
      cards: cards.map((card) => ({
        header: { type: card.header.type, url: address(run, card.header.url) },
        params: fillParams(run, card.params),
        ...(card.buttons && { buttons: fillButtons(run, card.buttons) }),
      })),
    }),
  };
}

function fillParams(run: TurnRun, params: readonly string[] = []): string[] {
  return params.map((param) => clip(run.template(param), MAX.param));
}

function fillHeader(run: TurnRun, header: NonNullable<TemplateMessage['header']>): TemplateHeader {
  switch (header.type) {
    case 'text':
      return { type: 'text', text: clip(whole(run, header.text), MAX.header) };
    case 'location': {
      const { type, latitude, longitude, name, address: street } = header;
      return {
        type,
        latitude,
        longitude,
        ...(name && { name: clip(whole(run, name), MAX.place) }),
        ...(street && { address: clip(whole(run, street), MAX.place) }),
      };
    }
    case 'document': {
      const filename = header.filename && { filename: clip(whole(run, header.filename), MAX.filename) };
      return { type: 'document', ...fileAt(address(run, header.url)), ...filename };
    }
    default:
      return { type: header.type, ...fileAt(address(run, header.url)) };
  }
}

function fillButtons(run: TurnRun, buttons: NonNullable<TemplateMessage['buttons']>): TemplateButton[] {
  return buttons.map((button) => {
    const { index } = button;
    if (button.type === 'url') return { type: 'url', index, suffix: whole(run, button.suffix, MAX.suffix) };
    if (button.type === 'coupon') return { type: 'coupon', index, code: whole(run, button.code, MAX.code) };
    return { type: 'quick_reply', index, payload: whole(run, button.payload, MAX.payload) };
  });
}

function whole(run: TurnRun, source: string, max = Infinity): string {
  const value = run.template(source);
  if (value.trim() === '') throw new FlowFault('bad_template', `${source} gave nothing`);
  if (value.length > max) throw new FlowFault('bad_template', `${source} gave more than ${max} characters`);
  return value;
}
