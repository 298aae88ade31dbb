import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { WaitingFile } from '../../media/incoming-files.service.js';
import { ConnectionDirectory } from '../../connections/connection-directory.service.js';
import { MediaUnavailableError } from '../../providers/provider.errors.js';
import { ProviderFactory } from '../../providers/provider.factory.js';

/** Where a customer's file is: at the provider of the connection it came by. */
@Injectable()
export class MediaSources {
  constructor(
    private readonly connections: ConnectionDirectory,
    private readonly providers: ProviderFactory,
  ) {}

  /** Connections whose files another process has to fetch, because it holds their sockets. */
  elsewhere(): readonly string[] {
    return this.connections.heldElsewhere();
  }

  /** @throws MediaUnavailableError */
  async open({ connectionId, providerMedia }: WaitingFile, signal: AbortSignal): Promise<Readable> {
    const connection = await this.connections.find(connectionId);
    if (!connection) throw new MediaUnavailableError('NO_CONNECTION', 'the connection is gone', true);
    const provider = this.providers.get(connection.provider);
    if (!provider.openMedia) throw new MediaUnavailableError('UNSUPPORTED', 'this connection has no files', true);
    if (!connection.account) {
      throw new MediaUnavailableError('CREDENTIALS_UNREADABLE', 'the credentials cannot be opened', false);
    }
    return provider.openMedia(connection.account, providerMedia, signal);
  }
}
