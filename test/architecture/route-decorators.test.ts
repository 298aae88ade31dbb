import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, it } from 'vitest';

/** Nest's verb, who may call, and the rest. */
const EVERY_ROUTE = [/^(Get|Post|Put|Patch|Delete)$/, /^(Access|Public|PublicByToken)$/, /^Route$/];
const EVERY_CONTROLLER = ['Controller', 'Tag'];

const controllers = globSync('src/**/*.controller.ts').flatMap((file) => classesIn(file, readFileSync(file, 'utf8')));

function classesIn(file: string, text: string): ts.ClassDeclaration[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  return source.statements.filter((statement) => ts.isClassDeclaration(statement));
}

function decoratorsOf(node: ts.HasDecorators): string[] {
  return (ts.getDecorators(node) ?? []).map(({ expression }) =>
    ts.isCallExpression(expression) ? expression.expression.getText() : expression.getText(),
  );
}

function strangeRoutes(classes: readonly ts.ClassDeclaration[]): string[] {
  const routes = classes.flatMap((owner) =>
    owner.members
      .filter((member) => ts.isMethodDeclaration(member))
      .map((method) => ({ name: `${owner.name?.text}.${method.name.getText()}`, found: decoratorsOf(method) }))
      .filter(({ found }) => found.length > 0),
  );
  if (routes.length === 0) throw new Error('No route was found');
  return routes
    .filter(
      ({ found }) => found.length !== 3 || !EVERY_ROUTE.every((pattern, index) => pattern.test(found[index] ?? '')),
    )
    .map(({ name, found }) => `${name}: ${found.join(', ')}`);
}

it('every route has three decorators: its verb, who may call it, and @Route for the rest', () => {
  expect(controllers.length).toBeGreaterThan(40);
  expect(strangeRoutes(controllers)).toEqual([]);
});

it('a fourth decorator of a route is found, and a missing one', () => {
  const planted = `class A { @Get() @Public() @Route({}) @HttpCode(204) a() {} @Get() @Route({}) b() {} }`;
  expect(strangeRoutes(classesIn('a.ts', planted))).toEqual(['A.a: Get, Public, Route, HttpCode', 'A.b: Get, Route']);
});

it('a controller has its path and its tag, and nothing else', () => {
  const strange = controllers.filter((owner) => decoratorsOf(owner).some((name) => !EVERY_CONTROLLER.includes(name)));
  expect(strange.map(({ name }) => name?.text)).toEqual([]);
});
