import type { ChoiceOption, OutboundContent } from '../messages/message-content.js';
import type { Delivery } from './chat-client.js';

const TICKS: Record<Delivery, string> = {
  pending: '',
  sent: '✓',
  delivered: '✓✓',
  read: '✓✓ read',
  failed: '✗ not delivered',
};

export function ticksOf(delivery: Delivery): string {
  return TICKS[delivery];
}

/** Buttons and list entries of a message, in the order of the numbers shown beside them. */
export function choicesOf(content: OutboundContent): readonly ChoiceOption[] {
  return content.kind === 'choices' ? content.options : [];
}

/** What a customer reads, line by line. */
export function linesOf(content: OutboundContent): string[] {
  switch (content.kind) {
    case 'text':
      return content.text.split('\n');
    case 'choices':
      return [...content.text.split('\n'), ...content.options.map(toChoiceLine)];
    case 'media':
      return [
        `[${content.media}] ${content.url ?? content.filename ?? content.mediaId}`,
        ...(content.caption?.split('\n') ?? []),
      ];
    case 'link':
      return [...content.text.split('\n'), `[${content.title}] ${content.url}`];
    case 'location':
      return [
        `[location] ${[content.name, content.address, `${content.latitude}, ${content.longitude}`].filter(Boolean).join(' · ')}`,
      ];
    case 'contact':
      return [`[contact] ${content.name} ${content.phone}`];
    case 'reaction':
      return [`[reaction] ${content.emoji}`];
    default:
      return [`[template ${content.name}] ${content.params.join(' · ')}`];
  }
}

function toChoiceLine({ title, description }: ChoiceOption, index: number): string {
  return `  ${index + 1}. ${title}${description ? ` — ${description}` : ''}`;
}
