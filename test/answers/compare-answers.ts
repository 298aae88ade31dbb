import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Response = {
  readonly $ref?: string;
  readonly content?: { readonly 'application/problem+json'?: { readonly schema: ProblemSchema } };
};
type ProblemSchema = {
  readonly properties?: { readonly code?: { readonly enum?: readonly string[] } };
  readonly allOf?: readonly ProblemSchema[];
};
type Operation = { readonly responses: Readonly<Record<string, Response>> };
export type Described = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly responses?: Readonly<Record<string, Response>> };
};

/** Of a process whose role does not have the route, and of tests that break our own store on purpose. */
const EXCEPTIONS = [
  ' 404 not_served_here',
  'POST /webhooks/official 500 internal',
  'POST /webhooks/twilio/{connectionId} 500 internal',
];

/**
 * Compares answers such as `GET /api/bots/{id} 404 bot_not_found` with what the document declares. Answers of routes
 * that are not in the document do not count.
 *
 * @returns `undeclared`: given, but not in the document; `unseen`: in the document, but no test has had it
 */
export function compareAnswers(
  given: ReadonlySet<string>,
  { paths, components }: Described,
): { undeclared: string[]; unseen: string[] } {
  const declared = new Set<string>();
  const operations = new Set<string>();
  for (const [path, item] of Object.entries(paths))
    for (const [method, operation] of Object.entries(item)) {
      const name = `${method.toUpperCase()} ${path}`;
      operations.add(name);
      for (const [status, response] of Object.entries(operation.responses))
        for (const code of codesOf(components?.responses?.[response.$ref?.split('/').at(-1) ?? ''] ?? response))
          declared.add(`${name} ${status} ${code}`.trimEnd());
    }
  const known = [...given].filter(
    (answer) =>
      operations.has(answer.split(' ').slice(0, 2).join(' ')) && !EXCEPTIONS.some((end) => answer.endsWith(end)),
  );
  return {
    undeclared: known.filter((answer) => !declared.has(answer)).toSorted(),
    unseen: [...declared].filter((answer) => !given.has(answer)).toSorted(),
  };
}

/** One empty code where the answer is no problem. */
function codesOf({ content }: Response): readonly string[] {
  const schema = content?.['application/problem+json']?.schema;
  if (!schema) return [''];
  return [schema, ...(schema.allOf ?? [])].flatMap(({ properties }) => properties?.code?.enum ?? []);
}

/** `node test/answers/compare-answers.ts FOLDER`: FOLDER has the notes of a run of the whole suite; 1 when they differ. */
if (import.meta.main) {
  const folder = process.argv[2] ?? '';
  const given = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'));
  const document: Described = JSON.parse(readFileSync('openapi.json', 'utf8'));
  const { undeclared, unseen } = compareAnswers(new Set(given), document);
  say('Answers that openapi.json does not declare', undeclared);
  say('Answers that openapi.json declares and no test has had', unseen);
  process.exitCode = undeclared.length + unseen.length > 0 ? 1 : 0;
}

function say(title: string, answers: readonly string[]): void {
  if (answers.length > 0) process.stdout.write(`\n${title}:\n${answers.map((answer) => `  ${answer}\n`).join('')}`);
}
