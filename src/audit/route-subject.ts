export type RouteSubject = { readonly subjectType: string; readonly subjectId: string | null };

/**
 * What a route is about, from its path: the last id in it and the word before, in the singular; without an id the first
 * word, such as `send`.
 *
 * @param path as declared, such as `/api/bots/:botId/connections/:id`
 */
export function subjectOf(path: string, params: Readonly<Record<string, string | undefined>>): RouteSubject {
  const words = path.split('/').filter((word) => word !== '' && word !== 'api');
  const last = words.findLastIndex((word) => word.startsWith(':'));
  if (last < 1) return { subjectType: singular(words[0] ?? ''), subjectId: null };
  return { subjectType: singular(words[last - 1] ?? ''), subjectId: params[words[last]?.slice(1) ?? ''] ?? null };
}

function singular(word: string): string {
  return word
    .replace(/ies$/, 'y')
    .replace(/(?<!s)s$/, '')
    .replaceAll('-', '_');
}
