import { Headers } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { AppError } from '../errors/app-error.js';
import { alsoOfRoute } from './also-of-route.js';

export class RevisionMismatchError extends AppError {
  constructor(revision: number) {
    super('revision_mismatch', 412, `Somebody changed this since you read it; the revision is now ${revision}`);
  }
}

/** The revision that the caller read before, in quotes; undefined when it does not mind what happened since. */
export const IfMatch = (): ParameterDecorator =>
  alsoOfRoute(
    Headers('if-match'),
    ApiHeader({
      name: 'if-match',
      required: false,
      description:
        'The revision read before, in quotes: 412 when somebody changed it since. Without it the last one wins',
    }),
  );

export function etagOf(revision: number): string {
  return `"${revision}"`;
}

/** @throws RevisionMismatchError `If-Match` is given and names another revision */
export function assertRevision(ifMatch: string | undefined, revision: number): void {
  if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== etagOf(revision))
    throw new RevisionMismatchError(revision);
}
