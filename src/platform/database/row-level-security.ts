/** Row-level security for migrations: which role may do what to which rows (architecture, Stores). */

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
 * where it has a grant, everyone else nothing. A partitioned parent passes its policies on to queries through it.
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
  return lines.join('\n');
}
