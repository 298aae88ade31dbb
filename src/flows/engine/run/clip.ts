/** Characters of an option's title, as the vocabulary (message-content) has it. */
export const MAX_TITLE = 200;

export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, max - 1);
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`;
}
