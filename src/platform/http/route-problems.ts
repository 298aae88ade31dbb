export const PROBLEMS_KEY = 'x-problems';

/** 4xx, and 502–504 where something behind us fails; 500 is a defect and never declared. */
type ProblemStatus = 400 | 401 | 403 | 404 | 409 | 410 | 412 | 413 | 415 | 416 | 422 | 429 | 502 | 503 | 504;

/**
 * What a route refuses with, by status: codes, each with its reason behind a colon where the code does not say enough:
 * `{ 404: ['bot_not_found'], 409: ['bot_in_use: it has connections, conversations or orders'] }`.
 *
 * What every route of a kind answers is not repeated here: see `common-problems.ts`. An empty list takes it away where it
 * does not apply.
 */
export type RouteProblems = { readonly [Status in ProblemStatus]?: readonly string[] };
