import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';

export type TestDatabase = {
  /** The superuser's URL. */
  readonly url: string;
  /** Ends whatever connections are left. */
  drop(): Promise<void>;
};

/** A migrated, otherwise empty database of the caller's own. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const template = new URL(inject('postgresTemplateUrl'));
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(template, `create database ${name} template ${template.pathname.slice(1)}`);
  return {
    url: withDatabase(template, name),
    drop: () => drop(template, name),
  };
}

/**
 * Postgres itself waits up to 5 s for others to leave (dbcommands.c, CountOtherDBBackends). At once with force, it would
 * cut off clients of a pool that is just closing, and those have no listener for the error any more.
 */
async function drop(server: URL, name: string): Promise<void> {
  try {
    await administer(server, `drop database ${name}`);
  } catch (error) {
    const isInUse = error instanceof Error && 'code' in error && error.code === '55006';
    if (!isInUse) throw error;
    await administer(server, `drop database ${name} with (force)`);
  }
}

async function administer(server: URL, statement: string): Promise<void> {
  const client = new Client({ connectionString: withDatabase(server, 'postgres') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function withDatabase(server: URL, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
