import { z } from 'zod';
import type { ConnectionDirectory } from '../connections/connection-directory.service.js';
import { ConnectionNotFoundError } from '../connections/connection.errors.js';
import type { PathConnection } from '../connections/path-connection.js';

const uuid = z.uuid();

/**
 * The connection a webhook's address names.
 *
 * @throws ConnectionNotFoundError unknown id, or another provider's connection
 */
export async function connectionOf(
  connections: ConnectionDirectory,
  provider: string,
  id: string,
): Promise<PathConnection> {
  const connection = uuid.safeParse(id).success ? await connections.find(id) : null;
  if (connection?.provider !== provider) throw new ConnectionNotFoundError(id);
  return connection;
}
