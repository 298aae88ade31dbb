import { Controller, Get, Post, Query, Req, StreamableFile } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { PassThrough, Readable } from 'node:stream';
import { Access } from '../../auth/access.decorator.js';
import { CurrentUser, Tenant, type Caller } from '../../auth/tenant.decorator.js';
import { pageQuerySchema, type Page, type PageQuery } from '../../platform/http/page.js';
import { filePart } from '../../platform/http/file-part.js';
import { Id } from '../../platform/http/id.decorator.js';
import { Route } from '../../platform/http/route.decorator.js';
import { Tag } from '../../platform/http/tag.decorator.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { CsvExport } from './csv-export.js';
import { FileMissingError } from './import.errors.js';
import {
  importPageSchema,
  importQuerySchema,
  importViewSchema,
  problemPageSchema,
  listImportsSchema,
  type ImportQuery,
  type ImportSummary,
  type ImportView,
  type ListImports,
  type ProblemView,
} from './imports.dto.js';
import { ImportsService } from './imports.service.js';

@Tag('products')
@Controller('products')
export class FilesController {
  constructor(
    private readonly imports: ImportsService,
    private readonly exports: CsvExport,
  ) {}

  @Get('export')
  @Access('products:read')
  @Route({
    summary: 'The catalogue as CSV, with the columns an import takes',
    schema: { type: 'string' },
    produces: ['text/csv'],
  })
  async export(@Tenant() tenantId: TenantId): Promise<StreamableFile> {
    return new StreamableFile(await this.exports.open(tenantId), {
      type: 'text/csv; charset=utf-8',
      disposition: 'attachment; filename="products.csv"',
    });
  }

  @Post('imports')
  @Access('products:write')
  @Route({
    summary: 'Import products from CSV, all of them or none',
    description:
      'A line is found again by its SKU, and only what differs is written: the same file twice changes nothing. ' +
      'A column the file does not have stays as it is; an empty cell clears; an empty stock leaves the stock alone. ' +
      'Variants name their product in parent_sku. Follow the state at GET /api/products/imports/{id}.',
    status: 202,
    view: importViewSchema,
    takesFileAs: ['text/csv', 'multipart/form-data'],
    problems: {
      413: ['file_too_large', 'too_many_rows'],
      422: ['file_missing', 'file_columns', 'file_encoding', 'file_broken'],
    },
  })
  async import(
    @Tenant() tenantId: TenantId,
    @CurrentUser() caller: Caller,
    @Query({ schema: importQuerySchema }) { dryRun }: ImportQuery,
    @Req() request: FastifyRequest,
  ): Promise<ImportView> {
    try {
      const file = await fileOf(request);
      return await this.imports.receive(tenantId, file, { isDryRun: dryRun, by: caller.userId });
    } catch (error) {
      // The rest of what was refused: unread it would hold the connection, and its sender would not see the answer.
      request.raw.unpipe().resume();
      throw error;
    }
  }

  @Get('imports')
  @Access('products:read')
  @Route({ summary: 'List imports of products', view: importPageSchema, cached: { tables: ['product_import'] } })
  list(
    @Tenant() tenantId: TenantId,
    @Query({ schema: listImportsSchema }) query: ListImports,
  ): Promise<Page<ImportSummary>> {
    return this.imports.list(tenantId, query);
  }

  @Get('imports/:id')
  @Access('products:read')
  @Route({
    summary: 'Show how an import stands, with its first problems',
    view: importViewSchema,
    cached: { tables: ['product_import', 'product_import_problem'] },
    problems: { 404: ['product_import_not_found'] },
  })
  get(@Tenant() tenantId: TenantId, @Id() id: string): Promise<ImportView> {
    return this.imports.get(tenantId, id);
  }

  @Get('imports/:id/problems')
  @Access('products:read')
  @Route({
    summary: 'List the problems of an import, by line',
    view: problemPageSchema,
    cached: { tables: ['product_import', 'product_import_problem'] },
    problems: { 404: ['product_import_not_found'] },
  })
  problems(
    @Tenant() tenantId: TenantId,
    @Id() id: string,
    @Query({ schema: pageQuerySchema }) page: PageQuery,
  ): Promise<Page<ProblemView>> {
    return this.imports.listProblems(tenantId, id, page);
  }
}

/** @throws FileMissingError */
async function fileOf(request: FastifyRequest): Promise<AsyncIterable<Uint8Array>> {
  if (request.isMultipart()) {
    const part = await filePart(request);
    if (part?.fieldname !== 'file') throw new FileMissingError();
    return part.file;
  }
  if (request.body instanceof Readable) return asFile(request.body);
  throw new FileMissingError();
}

/** Whoever stops reading early ends the file, and not the request with the connection below it. */
function asFile(body: Readable): Readable {
  const file = new PassThrough();
  body.once('error', (error) => file.destroy(error));
  return body.pipe(file);
}
