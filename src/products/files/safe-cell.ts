/**
 * Where a spreadsheet would take what follows for a formula (OWASP, CSV Injection): at the begin of a cell, and behind a
 * mark at which one set to another country begins a cell.
 */
const FORMULA = /(^|[;,] *)(?='*[=+\-@\t\r＝＋－＠])/g;
const GUARDED = /(^|[;,] *)'(?='*[=+\-@\t\r＝＋－＠])/g;

/** An apostrophe in front makes a formula plain text; one more where there is one, so that it can be taken off again. */
export function guard(text: string): string {
  return text.replace(FORMULA, `$1'`);
}

export function unguard(cell: string): string {
  return cell.replace(GUARDED, '$1');
}
