/**
 * What a check found. E… refuses publishing, W… warns; a check of an E code may also warn where refusing would be
 * wrong.
 *
 * E101 schema, ids, reserved names · E102 missing target · E103 unreachable step · E104 dead end · E105 cycle that
 * never waits · E106 expression · E107 variable perhaps read before it is set · E108 question without an end ·
 * E109 text missing for a language · E110 limits of the channel · E111 action or connection · E112 subflow ·
 * W201 advice
 */
export type FlowProblem = {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** Id of the step; null when it is about the whole document. */
  readonly step: string | null;
  /** Where in the document, such as steps[3].answer.options[0].title.es */
  readonly path: string;
  readonly message: string;
};

export function pathOf(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === 'number') return `${path}[${key}]`;
    return path === '' ? String(key) : `${path}.${String(key)}`;
  }, '');
}
