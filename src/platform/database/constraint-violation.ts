/** Whether Postgres refused a statement because of this constraint or unique index (SQLSTATE class 23). */
export function violates(error: unknown, constraint: string): boolean {
  return isConstraintError(error) && 'constraint' in error && error.constraint === constraint;
}

/** Whether something else still refers to the row (SQLSTATE 23503). */
export function isStillReferenced(error: unknown): boolean {
  return isConstraintError(error) && error.code === '23503';
}

function isConstraintError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('23');
}
