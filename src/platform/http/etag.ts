import { AppError } from '../errors/app-error.js';

export class RevisionMismatchError extends AppError {
  constructor(revision: number) {
    super('revision_mismatch', 412, `Somebody changed this since you read it; the revision is now ${revision}`);
  }
}

/** What routes that take the revision say of it, for `@ApiHeader`. */
export const IF_MATCH = { name: 'if-match', required: false, description: 'The revision read before, in quotes' };

export function etagOf(revision: number): string {
  return `"${revision}"`;
}

/** @throws RevisionMismatchError `If-Match` is given and names another revision */
export function assertRevision(ifMatch: string | undefined, revision: number): void {
  if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== etagOf(revision))
    throw new RevisionMismatchError(revision);
}
