export const PROBLEMS_KEY = 'x-problems';

/** 4xx, and 502–504 where something behind us fails; 500 is a defect and never declared. */
type ProblemStatus = 400 | 401 | 403 | 404 | 409 | 410 | 412 | 413 | 415 | 416 | 422 | 429 | 502 | 503 | 504;

/**
 * What this route refuses with, by status: codes, each with its reason behind a colon where the code does not say
 * enough: `{ 404: ['user_not_found'], 409: ['last_owner: somebody has to be able to invite others'] }`.
 *
 * What every route of a kind answers is not repeated here: see `common-problems.ts`. An empty list takes it away where it
 * does not apply.
 */
export type RouteProblems = { readonly [Status in ProblemStatus]?: readonly string[] };
