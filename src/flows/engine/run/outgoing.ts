import type { ChoiceOption, OutboundContent } from '../../../messages/message-content.js';
import type { StepOf } from '../document/step-types.js';
import type { Text } from '../document/values.js';
import { address, fileAt } from './addresses.js';
import { builtinText } from './builtin-texts.js';
import { clip, MAX_TITLE } from './clip.js';
import { FlowFault } from '../fault.js';
import { fillTemplate } from './template-message.js';
import type { TurnRun } from './turn-run.js';

/** Lengths of the vocabulary (message-content); rendered texts are cut to them rather than refused. */
const MAX = { text: 4096, caption: 1024, linkText: 1024, button: 20, description: 1000 };
const CAPTIONED: ReadonlySet<string> = new Set(['image', 'video', 'document']);

export function sendText(run: TurnRun, text: string): void {
  if (text.trim() === '') run.note('ignored', 'empty text');
  else run.send({ kind: 'text', text: clip(text, MAX.text) });
}

export function sendChoices(run: TurnRun, text: string, options: readonly ChoiceOption[], button?: Text): void {
  run.send({
    kind: 'choices',
    text: clip(text.trim() === '' ? '…' : text, MAX.text),
    options: options.map(({ id, title, description }) => ({
      id,
      title: clip(title.trim() === '' ? id : title, MAX_TITLE),
      ...(description ? { description: clip(description, MAX.description) } : {}),
    })),
    button: clip(button ? run.text(button) : builtinText('choose', run.running.lang), MAX.button),
  });
}

export function sendMedia(run: TurnRun, media: NonNullable<StepOf<'message'>['media']>, text = ''): void {
  const caption = media.caption ? run.text(media.caption) : text;
  const filename = media.filename ? run.template(media.filename) : '';
  run.send({
    kind: 'media',
    media: media.kind,
    ...fileAt(address(run, media.url)),
    ...(caption ? { caption: clip(caption, MAX.caption) } : {}),
    ...(filename ? { filename: clip(filename, 240) } : {}),
  });
}

/** A message step in as few messages as it takes: a short text goes along as the caption of its picture. */
export function sendMessageStep(run: TurnRun, step: StepOf<'message'>): void {
  const { media, link, buttons, location, contact, template } = step;
  const text = step.text ? run.text(step.text) : '';
  const isCaption =
    media && !media.caption && !link && !buttons && text.length <= MAX.caption && CAPTIONED.has(media.kind);
  const send = (content: OutboundContent) =>
    run.send(content, step.resend ?? (content.kind === 'link' || content.kind === 'template' ? 'never' : 'auto'));
  if (media) sendMedia(run, media, isCaption ? text : '');
  if (link) {
    const title = clip(run.text(link.title), MAX.button);
    send({ kind: 'link', text: clip(text || title, MAX.linkText), url: address(run, link.url), title });
  } else if (buttons) {
    sendChoices(
      run,
      text,
      buttons.map(({ id, title }) => ({ id, title: run.text(title) })),
    );
  } else if (step.text && !isCaption) sendText(run, text);
  if (location) {
    const { latitude, longitude, name, address: place } = location;
    send({
      kind: 'location',
      latitude,
      longitude,
      ...(name ? { name: clip(run.template(name), 1000) } : {}),
      ...(place ? { address: clip(run.template(place), 1000) } : {}),
    });
  }
  if (contact) send({ kind: 'contact', name: clip(run.template(contact.name), 200), phone: phone(run, contact.phone) });
  if (template) send(fillTemplate(run, template));
}

function phone(run: TurnRun, source: string): string {
  const number = run.template(source);
  if (!/^\+[1-9][0-9]{6,14}$/.test(number)) throw new FlowFault('bad_phone', `${source} did not give an E.164 number`);
  return number;
}
