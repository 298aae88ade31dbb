/**
 * How a person compares words: case, accents and spacing do not matter. "Menú" is "menu". Marks that stand alone go
 * first: putting a row of them in order takes Unicode quadratic time.
 */
export function fold(text: string): string {
  return text
    .replace(/\p{M}+/gu, '')
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/\s+/gu, ' ')
    .trim();
}

/** As `fold`, without the punctuation around it: "¿Menú?" is "menu". */
export function foldAnswer(text: string): string {
  const folded = fold(text);
  let start = 0;
  let end = folded.length;
  while (start < end && isPunctuation(folded.charAt(start))) start += 1;
  while (end > start && isPunctuation(folded.charAt(end - 1))) end -= 1;
  return folded.slice(start, end);
}

function isPunctuation(character: string): boolean {
  return /[\s\p{P}]/u.test(character);
}
