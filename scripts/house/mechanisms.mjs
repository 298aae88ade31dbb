import ts from 'typescript';
import { byName, placeOf, walk } from './sources.mjs';

const SCHEDULE_DECORATORS = new Set(['Interval', 'Cron', 'Timeout']);
const ROLES = new Set(['api', 'adapter', 'orchestrator', 'analytics']);
const VERBS = new Set(['Get', 'Post', 'Put', 'Patch', 'Delete', 'Head', 'Options', 'All']);
/** A loop that runs until somebody stops it; its condition names that. */
const UNTIL_STOPPED = /abort|stop|clos|running/i;

const nameOfCall = (node) => (ts.isCallExpression(node) ? node.expression.getText().split('.').at(-1) : '');
const nameOfDecorator = ({ expression }) => nameOfCall(expression) || expression.getText();

/** What repeats and is no loop of the product's work, with the reason. */
const OTHER_LOOPS = new Map([
  ['src/stop-signals.ts', 'looks whether npm lives, before there is an application'],
  ['src/platform/database/server-pulse.ts', 'asks only while Postgres says nothing'],
]);

/**
 * Ways to do something again and again, each with the places that use it: the WorkerLoop, by `loops.add(…)` or as a job
 * with its hour (`jobs.add({ … })`, which is one); the decorators of @nestjs/schedule; `setInterval`; and loops of one's
 * own that wait in their body and end when they are stopped. What the WorkerLoop itself is made of, and programs of a
 * terminal, do not count.
 */
export function periodicMechanisms(sources) {
  const uses = new Map();
  const use = (kind, source, node) => uses.set(kind, [...(uses.get(kind) ?? []), placeOf(source, node)]);
  for (const source of sources.filter(
    ({ path }) => !/^src\/(platform\/loops|platform\/jobs|cli)\//.test(path) && !OTHER_LOOPS.has(path),
  ))
    walk(source.tree, (node) => {
      if (nameOfCall(node) === 'setInterval') use('setInterval', source, node);
      else if (ts.isDecorator(node) && SCHEDULE_DECORATORS.has(nameOfDecorator(node)))
        use('@nestjs/schedule', source, node);
      else if (isWorkerLoop(node) || isScheduledJob(node)) use('WorkerLoop', source, node);
      else if (ts.isWhileStatement(node) && UNTIL_STOPPED.test(node.expression.getText()) && waits(node.statement))
        use('own loop', source, node);
    });
  return [...uses].map(([kind, places]) => `${kind} ×${places.length}: ${places.join(' ')}`).toSorted(byName);
}

function isScheduledJob(node) {
  if (!ts.isCallExpression(node)) return false;
  const called = node.expression.getText();
  const [first] = node.arguments;
  return called.endsWith('jobs.add') && first?.kind === ts.SyntaxKind.ObjectLiteralExpression;
}

function isWorkerLoop(node) {
  if (ts.isNewExpression(node)) return node.expression.getText() === 'WorkerLoop';
  if (ts.isCallExpression(node)) return node.expression.getText().endsWith('loops.add');
  return ts.isHeritageClause(node) && /\bWorkerLoop\b/.test(node.getText());
}

function waits(body) {
  let found = false;
  walk(body, (node) => (found ||= ts.isAwaitExpression(node)));
  return found;
}

/** Literals, types and patterns that list two or more of the roles: each is a place to change when a role is added. */
export function roleDefinitions(sources) {
  return sources.flatMap((source) => {
    const places = [];
    walk(source.tree, (node) => {
      if (new Set(listedNames(node).filter((name) => ROLES.has(name))).size > 1) places.push(placeOf(source, node));
    });
    return places;
  });
}

function listedNames(node) {
  if (ts.isArrayLiteralExpression(node)) return node.elements.map(({ text }) => text);
  if (ts.isUnionTypeNode(node)) return node.types.map((type) => type.literal?.text);
  if (ts.isObjectLiteralExpression(node)) {
    const values = node.properties.map(({ initializer }) => initializer?.text);
    const keys = node.properties.map(({ name }) => name?.text);
    return values.filter((value) => ROLES.has(value)).length > 1 ? values : keys;
  }
  return [];
}

/** Per route, the decorators that stand on its method: [{ place, decorators }], the most first. */
export function routes(sources) {
  return sources
    .flatMap((source) => {
      const found = [];
      walk(source.tree, (node) => {
        if (!ts.isMethodDeclaration(node)) return;
        const decorators = ts.getDecorators(node) ?? [];
        if (!decorators.some((decorator) => VERBS.has(nameOfDecorator(decorator)))) return;
        found.push({ place: `${placeOf(source, node.name)} ${node.name.getText()}`, decorators: decorators.length });
      });
      return found;
    })
    .toSorted((a, b) => b.decorators - a.decorators);
}
