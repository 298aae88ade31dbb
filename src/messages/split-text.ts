import type { OutboundContent } from './message-content.js';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Where a text may be taken apart, the best place first; what stands for the gap itself is dropped. */
const GAPS = [/\n\s*\n/g, /\n/g, /(?<=[.!?…])\s/g, /\s/g];

/**
 * A message in as many messages as a connection needs that takes texts of at most `max` code units: nothing is cut off. The
 * options of a question stay together, below the last part of its text. What fits comes back as it is.
 */
export function splitToFit(content: OutboundContent, max: number): readonly OutboundContent[] {
  if (content.kind === 'text') {
    if (content.text.length <= max) return [content];
    // Only the first part answers what is quoted.
    return splitText(content.text, max).map((text, index) =>
      index === 0 ? { ...content, text } : { kind: 'text', text },
    );
  }
  if (content.kind !== 'choices' || writtenOut(content) <= max) return [content];
  const parts = splitText(content.text, max);
  // Room for the options below the last part.
  parts.push(...splitText(parts.pop() ?? content.text, Math.floor(max / 2)));
  const last = parts.pop() ?? content.text;
  return [...parts.map((text) => ({ kind: 'text', text }) as const), { ...content, text: last }];
}

/** How long a question is as numbered text, for connections without buttons. */
function writtenOut({ text, options }: Extract<OutboundContent, { kind: 'choices' }>): number {
  return options.reduce(
    (sum, { title, description = '' }) => sum + title.length + description.length + 9,
    text.length + 2,
  );
}

/** At least one part, none of them empty or longer than `max`, and all words of the text in their order. */
export function splitText(text: string, max: number): string[] {
  const parts: string[] = [];
  let rest = text.trim();
  while (rest.length > max) {
    const [end, next] = breakIn(rest, max);
    const part = rest.slice(0, end).trimEnd();
    if (part !== '') parts.push(part);
    rest = rest.slice(next).trimStart();
  }
  if (rest !== '' || parts.length === 0) parts.push(rest || text.slice(0, max));
  return parts;
}

/** Where the part ends and where the next begins. A gap in the first third would leave a scrap. */
function breakIn(text: string, max: number): [end: number, next: number] {
  const head = text.slice(0, max + 1);
  for (const gap of GAPS) {
    const found = [...head.matchAll(gap)].findLast(({ index }) => index > max / 3 && index <= max);
    if (found) return [found.index, found.index + found[0].length];
  }
  let end = 0;
  for (const { index, segment } of graphemes.segment(head)) {
    if (index + segment.length > max) break;
    end = index + segment.length;
  }
  // One character made of more marks than fit.
  if (end === 0) end = /[\uD800-\uDBFF]$/.test(text.slice(0, max)) ? max - 1 : max;
  return [end, end];
}
