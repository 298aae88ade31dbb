/** What the engine says in its own words, where the flow gives none. */
type Words = {
  readonly sorry: string;
  readonly retry: string;
  readonly more: string;
  readonly choose: string;
  readonly yes: string;
  readonly no: string;
};

const WORDS: Readonly<Record<string, Words>> = {
  es: {
    sorry: 'Lo siento, algo salió mal de nuestro lado. Ya llamé a una persona del equipo.',
    retry: 'No entendí tu respuesta. ¿Puedes intentarlo de nuevo?',
    more: 'Más…',
    choose: 'Elegir',
    yes: 'Sí',
    no: 'No',
  },
  en: {
    sorry: 'Sorry, something went wrong on our side. I have called a person from the team.',
    retry: 'I did not understand your answer. Could you try again?',
    more: 'More…',
    choose: 'Choose',
    yes: 'Yes',
    no: 'No',
  },
  pt: {
    sorry: 'Desculpe, algo deu errado do nosso lado. Já chamei uma pessoa da equipe.',
    retry: 'Não entendi sua resposta. Pode tentar de novo?',
    more: 'Mais…',
    choose: 'Escolher',
    yes: 'Sim',
    no: 'Não',
  },
};
const ENGLISH = WORDS['en'] as Words;

/** In the language of the locale, else in English. */
export function builtinText(key: keyof Words, locale: string): string {
  return (WORDS[locale.split('-')[0] ?? ''] ?? ENGLISH)[key];
}

/** The locale of the flow for a language someone speaks: the same tag, else the same language, else null. */
export function findLocale(spoken: unknown, locales: readonly string[]): string | null {
  if (typeof spoken !== 'string' || spoken === '') return null;
  const tag = spoken.replace('_', '-').toLowerCase();
  const [language] = tag.split('-');
  return (
    locales.find((locale) => locale.toLowerCase() === tag) ??
    locales.find((locale) => locale.toLowerCase().split('-')[0] === language) ??
    null
  );
}
