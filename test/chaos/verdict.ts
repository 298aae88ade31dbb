import type { Customer } from './customers.js';

export type Accepted = { readonly outboxId: string; readonly to: string; readonly text: string };

export type Verdict = {
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  readonly answeredTwice: number;
  readonly outOfOrder: number;
  readonly providerDuplicates: number;
};

/** Compares what customers wrote with what the provider accepted, in the order it accepted it. */
export function judge(customers: readonly Customer[], accepted: readonly Accepted[]): Verdict {
  const byPerson = Map.groupBy(accepted, ({ to }) => to.replace(/^\+/, ''));
  let lost = 0;
  let answeredTwice = 0;
  let outOfOrder = 0;
  let answered = 0;
  for (const { from, texts } of customers) {
    const answers = (byPerson.get(from) ?? []).filter(firstOfItsOutboxId());
    const seen = new Set(answers.map(({ text }) => text));
    lost += texts.filter((text) => !seen.has(text)).length;
    answered += seen.size;
    answeredTwice += answers.length - seen.size;
    const positions = answers.map(({ text }) => texts.indexOf(text));
    outOfOrder += positions.filter((position, n) => n > 0 && position < (positions[n - 1] ?? -1)).length;
  }
  return {
    sent: customers.reduce((sum, { texts }) => sum + texts.length, 0),
    answered,
    lost,
    answeredTwice,
    outOfOrder,
    providerDuplicates: accepted.length - new Set(accepted.map(({ outboxId }) => outboxId)).size,
  };
}

function firstOfItsOutboxId(): (message: Accepted) => boolean {
  const seen = new Set<string>();
  return ({ outboxId }) => !seen.has(outboxId) && Boolean(seen.add(outboxId));
}
