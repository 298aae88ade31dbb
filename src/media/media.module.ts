import { join, resolve } from 'node:path';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ENV, type Env } from '../platform/config/env.js';
import { IncomingFiles } from './incoming-files.service.js';
import { LocalMediaStore } from './local-media-store.js';
import { MediaController } from './media.controller.js';
import { Media } from './media.entity.js';
import { MediaFilesController } from './media-files.controller.js';
import { MediaLinks } from './media-links.js';
import { MediaService } from './media.service.js';
import { MediaStore } from './media-store.js';
import { MediaUpload } from './media-upload.entity.js';
import { S3MediaStore } from './s3-media-store.js';
import { StoredFiles } from './stored-files.service.js';

/** Files of customers and of the shop: a bucket where one is configured, else a folder of this machine. */
@Module({
  imports: [TypeOrmModule.forFeature([Media, MediaUpload])],
  controllers: [MediaController, MediaFilesController],
  providers: [
    { provide: MediaStore, inject: [ENV], useFactory: openStore },
    IncomingFiles,
    MediaLinks,
    MediaService,
    StoredFiles,
  ],
  exports: [IncomingFiles, MediaService, StoredFiles],
})
export class MediaModule {}

function openStore({ s3, dataDir }: Env): MediaStore {
  return s3 ? new S3MediaStore(s3) : new LocalMediaStore(join(resolve(dataDir), 'media'));
}
