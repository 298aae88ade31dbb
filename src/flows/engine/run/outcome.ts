/** The session rests: it waits for something, is with a person, or has ended. */
export const REST = 'rest';

/** Where a step leads; undefined when the step does not say, which is a fault. */
export type Outcome = typeof REST | { readonly go: string | undefined };
