import { Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { Tenant } from '../auth/tenant.decorator.js';
import { type FilePart, filePart } from '../platform/http/file-part.js';
import { SparseFields } from '../platform/http/sparse-fields.js';
import { Problems } from '../platform/http/problems.decorator.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { type MediaView, mediaViewSchema } from './media.dto.js';
import { MediaMissingError } from './media.errors.js';
import { MediaService } from './media.service.js';

const idSchema = z.uuid();

@ApiTags('media')
@Controller('api/media')
export class MediaController {
  constructor(private readonly media: MediaService) {}

  @Post()
  @Access('messages:send')
  @ApiOperation({ summary: 'Upload a file; its id can be sent as `mediaId`' })
  @ApiConsumes('multipart/form-data')
  @ApiBody({
    schema: { type: 'object', required: ['file'], properties: { file: { type: 'string', format: 'binary' } } },
  })
  @ApiResponse({ status: 201, standardSchema: mediaViewSchema })
  @Problems({
    413: ['media_too_large'],
    415: ['media_type_refused: the type is not taken, or the file is not of it'],
    422: ['media_missing: no part `file`, or nothing in it'],
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
  @SparseFields(mediaViewSchema)
  @ApiOperation({ summary: 'What a file is, with a fresh link to it' })
  @ApiResponse({ status: 200, standardSchema: mediaViewSchema })
  @Problems({ 404: ['media_not_found'] })
  get(@Tenant() tenantId: TenantId, @Param('id', { schema: idSchema }) id: string): Promise<MediaView> {
    return this.media.get(tenantId, id);
  }

  @Delete(':id')
  @Access('messages:send')
  @HttpCode(204)
  @ApiOperation({ summary: 'Forget a file; messages that still wait to send it fail' })
  @ApiResponse({ status: 204 })
  @Problems({ 404: ['media_not_found'] })
  async forget(@Tenant() tenantId: TenantId, @Param('id', { schema: idSchema }) id: string): Promise<void> {
    await this.media.forget(tenantId, id);
  }
}

/** @throws MediaMissingError not a form, or one without the part */
async function filePartOf(request: FastifyRequest): Promise<FilePart> {
  const part = await filePart(request);
  if (part?.fieldname !== 'file') throw new MediaMissingError();
  return part;
}
