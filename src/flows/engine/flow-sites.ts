import type { Answer, ChoiceAnswer } from './document/answer-types.js';
import type { Step, StepOf } from './document/step-types.js';
import type { TemplateMessage } from './document/template-message.js';
import type { Text } from './document/values.js';
import type { CelType, ExpressionScope } from './expressions/expressions.js';
import type { FlowDocument } from './flow-document.js';

type At = { readonly step: string | null; readonly path: readonly PropertyKey[] };

/** A place in the document that holds an expression; `wanted` is the type its value must fit. */
export type ExpressionSite = At & {
  readonly kind: 'expression';
  readonly source: string;
  readonly scope: ExpressionScope;
  readonly wanted: CelType;
  /** The variable the value goes to, where it is an assignment: its own type is wanted. */
  readonly assigns?: string;
};

/** A place that holds text with {{ }}. `role` is what it is for, which decides its limits. */
export type TextRole =
  | 'plain'
  | 'body'
  | 'caption'
  | 'button'
  | 'row'
  | 'description'
  | 'list_button'
  /** The same in every language. */
  | 'raw'
  | 'note'
  | 'url';
export type TextSite = At & { readonly kind: 'text'; readonly text: Text; readonly role: TextRole };

export type Site = ExpressionSite | TextSite;

type Visit = (...keys: readonly PropertyKey[]) => {
  text(text: Text | undefined, role?: TextRole): Site[];
  expression(source: string | undefined, wanted?: CelType, scope?: ExpressionScope): Site[];
  assignments(values: Readonly<Record<string, string>> | undefined, scope?: ExpressionScope): Site[];
  inputs(values: Readonly<Record<string, string>> | undefined): Site[];
};

function visitor(step: string | null, ...base: readonly PropertyKey[]): Visit {
  return (...keys) => {
    const path = [...base, ...keys];
    return {
      text: (text, role = 'plain') => (text === undefined ? [] : [{ kind: 'text', step, path, text, role }]),
      expression: (source, wanted = 'dyn', scope = 'base') =>
        source === undefined ? [] : [{ kind: 'expression', step, path, source, scope, wanted }],
      assignments: (values = {}, scope = 'base') =>
        Object.entries(values).map(([assigns, source]) => {
          return { kind: 'expression', step, path: [...path, assigns], source, scope, wanted: 'dyn', assigns };
        }),
      inputs: (values = {}) =>
        Object.entries(values).map(([name, source]) => {
          return { kind: 'expression', step, path: [...path, name], source, scope: 'base', wanted: 'dyn' };
        }),
    };
  };
}

/** Every place of the document that holds an expression or a text. */
export function headerSites({ events = [] }: Pick<FlowDocument, 'events'>): readonly Site[] {
  return events.flatMap(({ where }, index) => visitor(null, 'events', index, 'where')().expression(where, 'bool'));
}

export function stepSites(step: Step, index: number): readonly Site[] {
  const at = visitor(step.id, 'steps', index);
  switch (step.type) {
    case 'message':
      return messageSites(step, at);
    case 'question':
      return questionSites(step, at);
    case 'decision':
      return (step.rules ?? []).flatMap(({ when }, rule) => at('rules', rule, 'when').expression(when, 'bool'));
    case 'action':
      return [...at('with').inputs(step.with), ...at('save').assignments(step.save, 'result')];
    case 'api':
      return apiSites(step, at);
    case 'set':
      return at('set').assignments(step.set);
    case 'wait':
      return [
        ...at('until').expression(step.until),
        ...at('where').expression(step.where, 'bool'),
        ...at('save').assignments(step.save),
        ...reminderSites(step.remind, at),
        ...at('meanwhile', 'text').text(step.meanwhile?.text),
      ];
    case 'subflow':
      return [...at('with').inputs(step.with), ...at('save').assignments(step.save, 'result')];
    case 'handoff':
      return [...at('note').text(step.note, 'note'), ...at('text').text(step.text)];
    default:
      return [];
  }
}

function messageSites(step: StepOf<'message'>, at: Visit): Site[] {
  const { media, link, buttons = [], location, contact, template } = step;
  const isInteractive = link !== undefined || buttons.length > 0;
  return [
    ...at('text').text(step.text, isInteractive ? 'body' : 'plain'),
    ...mediaSites(media, at),
    ...at('link', 'url').text(link?.url, 'url'),
    ...at('link', 'title').text(link?.title, 'button'),
    ...buttons.flatMap(({ title }, index) => at('buttons', index, 'title').text(title, 'button')),
    ...at('location', 'name').text(location?.name, 'raw'),
    ...at('location', 'address').text(location?.address, 'raw'),
    ...at('contact', 'name').text(contact?.name, 'raw'),
    ...at('contact', 'phone').text(contact?.phone, 'raw'),
    ...(template ? filledTemplateSites(template, at) : []),
  ];
}

function filledTemplateSites({ header, params, buttons, cards = [] }: TemplateMessage, at: Visit): Site[] {
  return [
    ...(header ? templateHeaderSites(header, at) : []),
    ...filledSites({ params, buttons }, (...keys) => at('template', ...keys)),
    ...cards.flatMap((card, index) => [
      ...at('template', 'cards', index, 'header', 'url').text(card.header.url, 'url'),
      ...filledSites(card, (...keys) => at('template', 'cards', index, ...keys)),
    ]),
  ];
}

function templateHeaderSites(header: NonNullable<TemplateMessage['header']>, at: Visit): Site[] {
  return Object.entries(header).flatMap(([key, value]) => {
    if (key === 'type' || typeof value !== 'string') return [];
    return at('template', 'header', key).text(value, key === 'url' ? 'url' : 'raw');
  });
}

function filledSites({ params = [], buttons = [] }: Pick<TemplateMessage, 'params' | 'buttons'>, at: Visit): Site[] {
  return [
    ...params.flatMap((param, index) => at('params', index).text(param, 'raw')),
    ...buttons.flatMap((button, index) => {
      if (button.type === 'url') return at('buttons', index, 'suffix').text(button.suffix, 'raw');
      if (button.type === 'coupon') return at('buttons', index, 'code').text(button.code, 'raw');
      return at('buttons', index, 'payload').text(button.payload, 'raw');
    }),
  ];
}

function mediaSites(media: StepOf<'message'>['media'], at: Visit): Site[] {
  return [
    ...at('media', 'url').text(media?.url, 'url'),
    ...at('media', 'caption').text(media?.caption, 'caption'),
    ...at('media', 'filename').text(media?.filename, 'raw'),
  ];
}

function questionSites(step: StepOf<'question'>, at: Visit): Site[] {
  const { answer } = step;
  const isInteractive = answer.type === 'choice' || answer.type === 'yes_no';
  return [
    ...at('text').text(step.text, isInteractive ? 'body' : 'plain'),
    ...mediaSites(step.media, at),
    ...at('answer', 'check').expression(answer.check, 'bool', `answer:${answerCelType(answer)}`),
    ...at('answer', 'error').text(answer.error, isInteractive ? 'body' : 'plain'),
    ...(answer.type === 'choice' || answer.type === 'multi_choice' ? optionSites(answer, at) : []),
    ...at('retry', 'text').text(step.retry?.text, isInteractive ? 'body' : 'plain'),
    ...reminderSites(step.remind, at),
  ];
}

function optionSites(answer: ChoiceAnswer, at: Visit): Site[] {
  const { options = [], from, option } = answer;
  const isButtons =
    answer.type === 'choice' && options.length <= 3 && options.every(({ description }) => description === undefined);
  const role = answer.type === 'multi_choice' ? 'plain' : isButtons ? 'button' : 'row';
  return [
    ...options.flatMap(({ title, description }, index) => [
      ...at('answer', 'options', index, 'title').text(title, role),
      ...at('answer', 'options', index, 'description').text(description, 'description'),
    ]),
    ...at('answer', 'from').expression(from, 'list'),
    ...(option ? Object.entries(option) : []).flatMap(([key, source]) =>
      at('answer', 'option', key).expression(
        source,
        key === 'title' || key === 'description' ? 'string' : 'dyn',
        'option',
      ),
    ),
    ...(answer.type === 'choice' ? at('answer', 'button').text(answer.button, 'list_button') : []),
  ];
}

function reminderSites(remind: StepOf<'question'>['remind'], at: Visit): Site[] {
  return (remind ?? []).flatMap(({ text }, index) => at('remind', index, 'text').text(text));
}

function apiSites({ request, save }: StepOf<'api'>, at: Visit): Site[] {
  const { body } = request;
  return [
    ...at('request', 'path').text(request.path, 'url'),
    ...at('request', 'query').inputs(request.query),
    ...Object.entries(request.headers ?? {}).flatMap(([name, value]) =>
      at('request', 'headers', name).text(value, 'raw'),
    ),
    ...(typeof body === 'string' ? at('request', 'body').expression(body) : at('request', 'body').inputs(body)),
    ...at('save').assignments(save, 'response'),
  ];
}

/** What `answer` is in a check, and what `save` stores. */
export function answerCelType(answer: Answer): CelType {
  switch (answer.type) {
    case 'number':
      return answer.integer ? 'int' : 'double';
    case 'yes_no':
      return 'bool';
    case 'choice':
      return choiceCelType(answer);
    case 'multi_choice':
      return 'list';
    case 'location':
    case 'media':
    case 'contact':
    case 'order':
    case 'form':
      return 'map';
    default:
      return 'string';
  }
}

function choiceCelType({ options }: ChoiceAnswer): CelType {
  const isText = options?.every(({ value }) => value === undefined || typeof value === 'string');
  return isText ? 'string' : 'dyn';
}
