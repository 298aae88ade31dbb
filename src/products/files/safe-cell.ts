/** A spreadsheet runs a cell that begins like this as a formula (OWASP, CSV Injection). */
const FORMULA = /^'*[=+\-@\t\r＝＋－＠]/;
const GUARDED = /^'+[=+\-@\t\r＝＋－＠]/;

/** An apostrophe in front makes a formula plain text; one more where there is one, so that it can be taken off again. */
export function guard(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

export function unguard(cell: string): string {
  return GUARDED.test(cell) ? cell.slice(1) : cell;
}
