import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ts from 'typescript';

/**
 * Every file under `folder`, parsed. `path` is relative to `root` with forward slashes; `imports` are the paths of the
 * files of this tree that it imports: by `import`, `export … from`, `import(…)` and `import('…')` as a type.
 */
export function readSources(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => read(root, join(root, folder, name)))
    .toSorted((a, b) => byName(a.path, b.path));
}

/** The same on every machine, whatever its language. */
export const byName = (a, b) => (a < b ? -1 : Number(a > b));

export const isTest = ({ path }) => path.endsWith('.test.ts');

function read(root, file) {
  const text = readFileSync(file, 'utf8');
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return {
    path: relative(root, file).split(sep).join('/'),
    text,
    tree,
    lines: text.split('\n').length - 1,
    imports: importedNames(tree).flatMap((name) => resolveLocal(root, file, name)),
  };
}

function importedNames(tree) {
  const names = [];
  walk(tree, (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier)
      names.push(node.moduleSpecifier.text);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      names.push(node.arguments[0]?.text ?? '');
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) names.push(node.argument.literal.text);
  });
  return names.filter((name) => name.startsWith('.'));
}

function resolveLocal(root, from, name) {
  const file = resolve(dirname(from), name.replace(/\.js$/, '.ts'));
  return existsSync(file) ? [relative(root, file).split(sep).join('/')] : [];
}

/** Calls `visit` for every node, parents first. */
export function walk(node, visit) {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

export function placeOf({ path, tree }, node) {
  return `${path}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}
