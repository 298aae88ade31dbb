import { Injectable, Logger } from '@nestjs/common';
import { StoredFiles, type StoredFile } from '../media/stored-files.service.js';
import type { OutboundFile } from '../providers/whatsapp-provider.js';

/** A provider may fetch a file hours after it took the message: Twilio queues up to four (provider reference, 3.5). */
const LINK_LIFE_S = 24 * 3600;

/** Files that messages name by `mediaId`, as strategies take them. */
@Injectable()
export class OutboundFiles {
  private readonly logger = new Logger(OutboundFiles.name);

  constructor(private readonly files: StoredFiles) {}

  /** Null for a file that is gone, or another tenant's. */
  async find(tenantId: string, connectionId: string, mediaId: string): Promise<OutboundFile | null> {
    const file = await this.files.find(tenantId, mediaId);
    return file && this.toOutbound(file, connectionId);
  }

  private toOutbound(file: StoredFile, connectionId: string): OutboundFile {
    const { id, mimeType, sizeBytes, filename } = file;
    return {
      id,
      mimeType,
      sizeBytes,
      filename,
      publicUrl: this.files.publicUrlOf(file, LINK_LIFE_S),
      open: async () => {
        const bytes = await this.files.open(file);
        if (!bytes) throw new Error(`The bytes of the file ${id} are gone`);
        return bytes;
      },
      // Knowing an earlier upload saves work and nothing else: without it the file is uploaded again.
      recall: () => this.orNull(this.files.recall(connectionId, id)),
      remember: async (providerMediaId, validMs) => {
        await this.orNull(this.files.remember(connectionId, file, providerMediaId, validMs));
      },
    };
  }

  private async orNull<T>(work: Promise<T>): Promise<T | null> {
    try {
      return await work;
    } catch (error) {
      this.logger.warn({ err: error }, 'an upload to a provider could not be looked up or remembered');
      return null;
    }
  }
}
