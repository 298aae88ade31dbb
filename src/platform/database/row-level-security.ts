/** Row-level security for migrations: which role may do what to which rows (docs/architecture.md, Postgres roles). */
import { UNAUDITED } from '../../../migrations/unaudited-tables.js';

/** Under this name and here for the migrations that were written when the list stood in this file. */
export { UNAUDITED };

export const APP_ROLE = 'dashoffice_app';
export const PATH_ROLE = 'dashoffice_path';

type Grants = {
  /** What `app` may do inside its tenant; `null` when it has no business with the table. */
  readonly app: string | null;
  /** What `path` may do across tenants; absent for everything the message path does not need. */
  readonly path?: string;
  /** Column that names the tenant. */
  readonly column?: string;
};

/**
 * SQL that locks a table: `app` sees the rows of the tenant its transaction is for, `path` sees all rows but only
 * where it has a grant, everyone else nothing. A partitioned parent passes its policies on to queries through it. What
 * `app` changes on somebody's behalf is written into the audit.
 */
export function protect(table: string, { app, path, column = 'tenant_id' }: Grants): string {
  const lines = [`alter table ${table} enable row level security;`];
  if (app) {
    lines.push(
      `grant ${app} on ${table} to ${APP_ROLE};`,
      `create policy tenant_isolation on ${table} to ${APP_ROLE}
         using (${column} = app_tenant_id()) with check (${column} = app_tenant_id());`,
    );
  }
  if (path) {
    lines.push(
      `grant ${path} on ${table} to ${PATH_ROLE};`,
      `create policy message_path on ${table} to ${PATH_ROLE} using (true) with check (true);`,
    );
  }
  // The function comes with the audit: its migration sees to the tables before it.
  if (app && !UNAUDITED.has(table))
    lines.push(`do $$ begin
      if to_regproc('audit_table') is not null then perform audit_table('${table}'); end if; end $$;`);
  return lines.join('\n');
}
