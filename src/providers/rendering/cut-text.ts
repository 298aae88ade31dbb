const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * Shortens to at most `max` UTF-16 units, the strictest way to count a provider's limit, ending in "…" when something
 * was cut. Never splits what a reader sees as one character.
 */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  let end = 0;
  for (const { index, segment } of graphemes.segment(text)) {
    if (index + segment.length >= max) break;
    end = index + segment.length;
  }
  // One character made of more marks than fit: keep what fits, but no half of a surrogate pair.
  if (end === 0 && max > 1) return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
  return `${text.slice(0, end).trimEnd()}…`;
}
