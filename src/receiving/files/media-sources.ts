import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { WaitingFile } from '../../media/incoming-files.service.js';
import { LinesService } from '../../connections/connection-directory.service.js';
import { MediaUnavailableError } from '../../providers/provider.errors.js';
import { ProviderFactory } from '../../providers/provider.factory.js';

/** Where a customer's file is: at the provider of the line it came by. */
@Injectable()
export class MediaSources {
  constructor(
    private readonly lines: LinesService,
    private readonly providers: ProviderFactory,
  ) {}

  /** Lines whose files another process has to fetch, because it holds their sockets. */
  elsewhere(): readonly string[] {
    return this.lines.heldElsewhere();
  }

  /** @throws MediaUnavailableError */
  async open({ connectionId, providerMedia }: WaitingFile, signal: AbortSignal): Promise<Readable> {
    const line = await this.lines.find(connectionId);
    if (!line) throw new MediaUnavailableError('NO_CONNECTION', 'the line is gone', true);
    const provider = this.providers.get(line.provider);
    if (!provider.openMedia) throw new MediaUnavailableError('UNSUPPORTED', 'this line has no files', true);
    if (!line.account) {
      throw new MediaUnavailableError('CREDENTIALS_UNREADABLE', 'the credentials cannot be opened', false);
    }
    return provider.openMedia(line.account, providerMedia, signal);
  }
}
