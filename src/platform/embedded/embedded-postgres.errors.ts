/** The embedded Postgres cannot run here; the message ends with what the reader can do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

export const USE_OWN_DATABASE = 'Or set DATABASE_URL to a Postgres 15 or newer of your own.';
