type Entry = { readonly value: string } & Readonly<Record<string, unknown>>;

/** A line about the answer, then the answer as it is: quoted once more it would be read through at every hit. */
export const answerSerializer = {
  serialize({ value, ...about }: Entry): string {
    return `${JSON.stringify(about)}\n${value}`;
  },
  deserialize(text: string): Entry {
    const end = text.indexOf('\n');
    const about: Record<string, unknown> = JSON.parse(text.slice(0, end));
    return { ...about, value: text.slice(end + 1) };
  },
};
