/**
 * Words of the shop, of the message path and of providers, as they stand in names, texts and comments. Words that are
 * also a developer's (order of a list, connection to Postgres, message of an error) are told by their plural or table.
 */
const BUSINESS_WORDS = (
  'seller sellers product products orders sales_order cart stock shop customer customers bot bots ' +
  'flow flows contact contacts conversation conversations campaign inbox outbox whatsapp twilio ' +
  'baileys evolution simulator graph webhook webhooks linked device devices turns ' +
  'outbound inbound message_log log_event media/'
).split(' ');

/** Files of platform that may speak of business, each with the words it speaks and the reason. */
const ALLOWED = [
  {
    path: 'src/platform/config/env.ts',
    words: 'shop twilio evolution graph simulator webhook webhooks linked devices outbox customer turns'.split(' '),
    reason: 'one schema holds the variables of every feature, so that a bad one is named before anything starts',
  },
  {
    path: 'src/platform/database/migrations.ts',
    words: 'flows bots webhooks linked devices orders contacts'.split(' '),
    reason: 'the list of migrations, by their names',
  },
  {
    path: 'src/platform/http/api-docs.ts',
    words: ['shop', 'whatsapp'],
    reason: 'the description of the API says what the product is for',
  },
  {
    path: 'src/platform/http/finish-document.ts',
    words: ['contact'],
    reason: "OpenAPI's own word for who answers for the API",
  },
];

/** Where platform speaks of business: `path:line: word`. */
export function businessWords(sources) {
  return sources
    .filter(({ path }) => path.startsWith('src/platform/'))
    .flatMap(({ path, text }) => {
      const free = new Set(ALLOWED.find((one) => one.path === path)?.words);
      return text.split('\n').flatMap((line, n) =>
        wordsOf(line)
          .filter((word) => !free.has(word))
          .map((word) => `${path}:${n + 1}: ${word}`),
      );
    });
}

/** `linkedSessions`, `LINKED_SESSIONS` and `linked-sessions` all hold the word "linked". */
function wordsOf(line) {
  const folded = ` ${line.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()} `;
  return BUSINESS_WORDS.filter((word) => new RegExp(`[^a-z]${word}${word.endsWith('/') ? '' : '[^a-z]'}`).test(folded));
}
