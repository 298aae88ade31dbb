/** Case, accents and outer punctuation do not matter when people type: "¿Menú?" is "menu". */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/\s+/gu, ' ')
    .replace(/^[\s\p{P}]+/u, '')
    .trimEnd();
}

/** As `fold`, without the punctuation at the end. */
export function foldAnswer(text: string): string {
  const folded = fold(text);
  let end = folded.length;
  while (end > 0 && /[\s\p{P}]/u.test(folded.charAt(end - 1))) end -= 1;
  return folded.slice(0, end);
}
