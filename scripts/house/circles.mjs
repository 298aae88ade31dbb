import { byName } from './sources.mjs';

/** Groups of two or more nodes that reach each other (Tarjan, "Depth-first search and linear graph algorithms", 1972). */
function circlesOf(edges) {
  const found = [];
  const stack = [];
  const index = new Map();
  const low = new Map();
  const visit = (node) => {
    index.set(node, index.size);
    low.set(node, index.get(node));
    stack.push(node);
    for (const next of edges.get(node) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node), low.get(next)));
    }
    if (low.get(node) !== index.get(node)) return;
    const circle = stack.splice(stack.indexOf(node));
    if (circle.length > 1) found.push(circle.toSorted(byName));
  };
  for (const node of edges.keys()) if (!index.has(node)) visit(node);
  return found;
}

/**
 * Circles between what lies directly in a folder: its sub-folders. Files at the folder's own top are its public face
 * and its wiring, and are no node.
 */
function circlesIn(folder, sources) {
  const childOf = (path) => {
    if (!path.startsWith(`${folder}/`)) return null;
    const [child, ...rest] = path.slice(folder.length + 1).split('/');
    return rest.length > 0 ? child : null;
  };
  const edges = new Map();
  for (const { path, imports } of sources) {
    const from = childOf(path);
    if (from === null) continue;
    if (!edges.has(from)) edges.set(from, new Set());
    for (const to of imports.map(childOf)) if (to !== null && to !== from) edges.get(from).add(to);
  }
  return circlesOf(edges).map((circle) => `${folder}/{${circle.join(', ')}}`);
}

export const circlesBetweenTopFolders = (sources) => circlesIn('src', sources);

/** Circles between the sub-folders of one folder, at every depth below `src`. */
export function folderKnots(sources) {
  const folders = new Set();
  for (const { path } of sources) {
    const parts = path.split('/');
    for (let depth = 2; depth < parts.length - 1; depth += 1) folders.add(parts.slice(0, depth).join('/'));
  }
  return [...folders].flatMap((folder) => circlesIn(folder, sources));
}
