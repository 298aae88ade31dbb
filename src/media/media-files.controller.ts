import { Controller, Get, Headers, Query, Res, StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/access.decorator.js';
import { mediaLinkSchema, type MediaLink } from './media.dto.js';
import { MediaNotFoundError, MediaNotStoredError } from './media.errors.js';
import { MediaLinks } from './media-links.js';
import type { ByteRange } from './media-store.js';
import { isShownInline } from './media-types.js';
import { Id } from '../platform/http/id.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import { StoredFiles, type StoredFile } from './stored-files.service.js';

/** The bytes themselves, to whoever holds a signed link: people's browsers, and providers that fetch what we send. */
@Tag('media')
@Controller('media')
export class MediaFilesController {
  constructor(
    private readonly links: MediaLinks,
    private readonly files: StoredFiles,
  ) {}

  @Get(':id')
  @Public()
  @Route({
    summary: 'A file, by a signed link that expires',
    schema: { type: 'string', format: 'binary' },
    produces: ['application/octet-stream'],
    others: {
      206: { answer: 'The part that `Range` asked for' },
      416: { answer: 'The file is shorter than the part asked for' },
    },
    problems: { 403: ['media_link_invalid: altered, or expired'], 404: ['media_not_found', 'media_not_stored'] },
  })
  async open(
    @Id() id: string,
    @Query({ schema: mediaLinkSchema }) { exp, sig }: MediaLink,
    @Headers('range') wanted: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | undefined> {
    this.links.check(id, exp, sig);
    const file = await this.files.findLinked(id);
    if (!file) throw new MediaNotFoundError(id);
    void reply.headers(headersOf(exp));
    const range = readRange(wanted, file.sizeBytes);
    if (range === 'outside') {
      void reply.status(416).header('content-range', `bytes */${file.sizeBytes}`);
      return undefined;
    }
    const bytes = await this.files.open(file, range ?? undefined);
    if (!bytes) throw new MediaNotStoredError(id, 'its bytes are gone');
    const length = range ? range.end - range.start + 1 : file.sizeBytes;
    if (range) void reply.status(206).header('content-range', `bytes ${range.start}-${range.end}/${file.sizeBytes}`);
    return new StreamableFile(bytes, { length, type: typeOf(file), disposition: dispositionOf(file) });
  }
}

/** A file that a browser might run is only ever saved, under a type that nothing runs. */
function typeOf({ mimeType }: StoredFile): string {
  return isShownInline(mimeType) || mimeType === 'application/pdf' ? mimeType : 'application/octet-stream';
}

function dispositionOf({ mimeType, filename }: StoredFile): string {
  const kind = isShownInline(mimeType) ? 'inline' : 'attachment';
  return filename === null ? kind : `${kind}; filename*=UTF-8''${encodeURIComponent(filename.toWellFormed())}`;
}

/** Private to whoever holds the link, and no longer than it. */
function headersOf(expires: number): Record<string, string> {
  const lifeS = Math.max(0, expires - Math.floor(Date.now() / 1000));
  return { 'accept-ranges': 'bytes', 'cache-control': `private, max-age=${lifeS}, immutable` };
}

/** One range is served, as players ask for it; anything else is answered with the whole file (RFC 9110, 14.2). */
function readRange(header: string | undefined, sizeBytes: number): ByteRange | 'outside' | null {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return null;
  const start = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from);
  const end = from === '' || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  return start >= sizeBytes || start > end ? 'outside' : { start, end };
}
