/**
 * Runs calls one after another, in the order they came. Each gets its own answer or error, and one that fails does not
 * hold up the next.
 */
export function serial(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
