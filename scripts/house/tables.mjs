import ts from 'typescript';
import { byName, walk } from './sources.mjs';

const CREATES = /\bcreate\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?"?([a-z_][a-z0-9_]*)/gi;
const WRITES = /\b(?:insert\s+into|update|delete\s+from|merge\s+into)\s+(?:only\s+)?"?([a-z_][a-z0-9_]*)/gi;
/** Of TypeORM's managers and repositories, with the entity as the first argument. */
const WRITING_CALLS = new Set(['insert', 'update', 'upsert', 'delete', 'create', 'save', 'remove', 'increment']);

const namesIn = (text, pattern) => Array.from(text.matchAll(pattern), ([, name]) => name.toLowerCase());

/**
 * Tables of the migrations that production files of more than one top folder write: by the words of their SQL, or by
 * a writing call on the entity. What a function of Postgres writes counts for nobody, for it is one pen.
 */
export function tablesWithSeveralWriters(sources, migrations) {
  const known = new Set(migrations.flatMap(({ text }) => namesIn(text, CREATES)));
  const entities = new Map(sources.flatMap(entitiesOf));
  const writers = new Map();
  for (const source of sources) {
    const [, folder] = source.path.split('/');
    for (const table of writtenBy(source, entities)) {
      if (!known.has(table)) continue;
      if (!writers.has(table)) writers.set(table, new Set());
      writers.get(table).add(folder);
    }
  }
  return [...writers]
    .filter(([, folders]) => folders.size > 1)
    .map(([table, folders]) => `${table}: ${[...folders].toSorted(byName).join(', ')}`)
    .toSorted(byName);
}

function writtenBy({ tree }, entities) {
  const tables = new Set();
  walk(tree, (node) => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      for (const table of namesIn(node.text, WRITES)) tables.add(table);
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
    const [first] = node.arguments;
    if (!WRITING_CALLS.has(node.expression.name.text) || !first || !ts.isIdentifier(first)) return;
    if (entities.has(first.text)) tables.add(entities.get(first.text));
  });
  return tables;
}

/** `@Entity('sales_order')` or `@Entity({ name: 'sales_order' })` above `class Order` → ['Order', 'sales_order']. */
function entitiesOf({ tree }) {
  return tree.statements.filter(ts.isClassDeclaration).flatMap((declared) => {
    const decorator = ts.getDecorators(declared)?.find(({ expression }) => expression.getText().startsWith('Entity('));
    const table = decorator && /'([a-z_]+)'/.exec(decorator.getText())?.[1];
    return table && declared.name ? [[declared.name.text, table]] : [];
  });
}
