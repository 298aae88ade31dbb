import { Client } from 'pg';

/** What only the owner of the schema may do: make a tenant, run migrations. One short connection per use. */
export class OwnerDatabase {
  constructor(readonly url: string) {}

  async transaction<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ connectionString: this.url });
    await client.connect();
    try {
      await client.query('begin');
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      await client.end();
    }
  }
}
