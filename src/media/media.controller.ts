import { Controller, Delete, Get, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { type FilePart, filePart } from '../platform/http/file-part.js';
import { Id } from '../platform/http/id.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { type MediaView, mediaViewSchema } from './media.dto.js';
import { MediaMissingError } from './media.errors.js';
import { MediaService } from './media.service.js';

@Tag('media', 'Files: sent by customers, or uploaded to be sent.')
@Controller('api/media')
export class MediaController {
  constructor(private readonly media: MediaService) {}

  @Post()
  @Access('messages:send')
  @Route({
    summary: 'Upload a file; its id can be sent as `mediaId`',
    status: 201,
    view: mediaViewSchema,
    takesFileAs: ['multipart/form-data'],
    problems: {
      413: ['media_too_large'],
      415: ['media_type_refused: the type is not taken, or the file is not of it'],
      422: ['media_missing: no part `file`, or nothing in it'],
    },
  })
  async upload(@Tenant() tenantId: TenantId, @Req() request: FastifyRequest): Promise<MediaView> {
    try {
      const { file: bytes, mimetype: mimeType, filename } = await filePartOf(request);
      return await this.media.keep(tenantId, { bytes, mimeType, filename: filename || null });
    } catch (error) {
      // The rest of what was refused: unread it would hold the connection, and its sender would not see the answer.
      request.raw.unpipe().resume();
      throw error;
    }
  }

  @Get(':id')
  @Access('conversations:read')
  @Route({
    summary: 'What a file is, with a fresh link to it',
    view: mediaViewSchema,
    problems: { 404: ['media_not_found'] },
  })
  get(@Tenant() tenantId: TenantId, @Id() id: string): Promise<MediaView> {
    return this.media.get(tenantId, id);
  }

  @Delete(':id')
  @Access('messages:send')
  @Route({
    summary: 'Forget a file; messages that still wait to send it fail',
    status: 204,
    problems: { 404: ['media_not_found'] },
  })
  async forget(@Tenant() tenantId: TenantId, @Id() id: string): Promise<void> {
    await this.media.forget(tenantId, id);
  }
}

/** @throws MediaMissingError not a form, or one without the part */
async function filePartOf(request: FastifyRequest): Promise<FilePart> {
  const part = await filePart(request);
  if (part?.fieldname !== 'file') throw new MediaMissingError();
  return part;
}
