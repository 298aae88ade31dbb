import { foldAnswer } from '../expressions/fold.js';
import type { Said } from './choice-matching.js';

export const YES_ID = 'yes';
export const NO_ID = 'no';

/** In every language: people answer in their own, whatever the bot speaks. All folded. */
const YES = words(
  'yes,y,yeah,yep,yup,sure,ok,okay,of course,correct,right',
  'si,s,sip,claro,claro que si,dale,vale,bueno,por supuesto,correcto,de acuerdo,listo',
  'sim,isso,com certeza,pode ser,beleza,certo,correto',
  '1,👍,✅,👌,✔',
);
const NO = words(
  'no,n,nope,nah,not now,no way',
  'nop,nada,nunca,para nada,ahora no,todavia no',
  'nao,negativo,agora nao',
  '2,👎,❌,✖',
);
const POLITE = words('please,thanks,thank you,por favor,porfa,gracias,muchas gracias,obrigado,obrigada');

function words(...lists: readonly string[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list.split(',')));
}

/** null: neither. "Sí, por favor" is yes, "No sé" is nothing. */
export function readYesNo({ text, choiceId }: Said): boolean | null {
  if (choiceId === YES_ID || choiceId === NO_ID) return choiceId === YES_ID;
  // Skin tones are modifiers of the thumb, not another answer.
  const folded = foldAnswer(text.replace(/[\u{1F3FB}-\u{1F3FF}]/gu, ''));
  return word(folded) ?? word(firstWord(folded));
}

function word(folded: string): boolean | null {
  if (YES.has(folded)) return true;
  return NO.has(folded) ? false : null;
}

/** Of "si por favor" and "no no no"; of anything longer, nothing. */
function firstWord(folded: string): string {
  const [first = '', ...rest] = folded.split(/[\s,.;!]+/u);
  return POLITE.has(rest.join(' ')) || rest.every((other) => other === first) ? first : '';
}
