import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { stringify } from 'csv-stringify/sync';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { toSafeInteger } from '../../platform/database/safe-integer.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { CategoryTree } from '../categories/category-tree.js';
import type { Lang, LocalizedText } from '../localized-text.js';
import type { Contents } from './row-merge.js';
import { COLUMNS, IMAGE_SEPARATOR, OPTION_SEPARATOR } from './file-row.js';
import { businessOf } from './import-runner.js';
import { formatPrice, type Money } from './price-text.js';
import { guard } from './safe-cell.js';

const PAGE = 1000;
/** Tells spreadsheets that the file is UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF';

type Row = Omit<Contents, 'priceMinor'> & {
  readonly sku: string;
  readonly parentSku: string | null;
  readonly priceMinor: string | null;
  readonly currency: string;
  readonly onHand: number;
  readonly hasVariants: boolean;
};

type Lines = { readonly rows: readonly Row[]; readonly lines: string[][] };

/** The whole catalogue as a file that can be imported again and then changes nothing. */
@Injectable()
export class CsvExport {
  constructor(@Inject(TenantDatabase) private readonly db: TenantDatabase) {}

  /**
   * Each product before its variants. Page by page, so that its size does not matter; not one instant of the shop. The
   * first page is read before this resolves: what fails until then can still be told.
   */
  async open(tenantId: TenantId): Promise<Readable> {
    return Readable.from(this.write(tenantId, await this.page(tenantId, undefined)));
  }

  private async *write(tenantId: TenantId, first: Lines): AsyncGenerator<string> {
    yield BYTE_ORDER_MARK + stringify([[...COLUMNS]]);
    for (let page = first; ; page = await this.page(tenantId, page.rows.at(-1))) {
      if (page.lines.length > 0) yield stringify(page.lines);
      if (page.rows.length < PAGE) return;
    }
  }

  private page(tenantId: TenantId, after: Row | undefined): Promise<Lines> {
    return this.db.transaction(tenantId, async (tx) => {
      const rows: Row[] = await tx.query(
        `select p.sku, m.sku as "parentSku", p.parent_id as "parentId", p.name, p.description, p.options,
           p.category_id as "categoryId", p.price_minor as "priceMinor", p.currency, p.images,
           p.is_active as "isActive", p.low_stock_at as "lowStockAt", l.on_hand as "onHand",
           exists (select 1 from product v where v.parent_id = p.id) as "hasVariants"
         from product p left join product m on m.id = p.parent_id join stock_level l on l.product_id = p.id
         where p.tenant_id = $1
           and ($2::text is null or (coalesce(m.sku, p.sku), m.sku is not null, p.sku) > ($2, $3::boolean, $4::text))
         order by coalesce(m.sku, p.sku), m.sku is not null, p.sku limit $5`,
        [
          tenantId,
          after ? (after.parentSku ?? after.sku) : null,
          after ? after.parentSku !== null : null,
          after?.sku ?? null,
          PAGE,
        ],
      );
      const [tree, { money }] = [await CategoryTree.load(tx, tenantId), await businessOf(tx, tenantId)];
      return { rows, lines: rows.map((row) => toPathConnection(row, tree, money)) };
    });
  }
}

function toPathConnection(row: Row, tree: CategoryTree, money: Money): string[] {
  const isVariant = row.parentSku !== null;
  const cells: Record<(typeof COLUMNS)[number], string> = {
    sku: row.sku,
    parent_sku: row.parentSku ?? '',
    name_es: isVariant ? '' : row.name.es,
    name_en: row.name.en ?? '',
    name_pt: row.name.pt ?? '',
    description_es: row.description.es ?? '',
    description_en: row.description.en ?? '',
    description_pt: row.description.pt ?? '',
    options_es: optionsIn('es', row.options),
    options_en: optionsIn('en', row.options),
    options_pt: optionsIn('pt', row.options),
    category: tree.textOf(row.categoryId) ?? '',
    price: row.priceMinor === null ? '' : formatPrice(toSafeInteger(row.priceMinor), money),
    currency: row.currency,
    images: row.images.map(({ url }) => url).join(IMAGE_SEPARATOR),
    active: String(row.isActive),
    low_stock_at: String(row.lowStockAt),
    stock: row.hasVariants ? '' : String(row.onHand),
  };
  return COLUMNS.map((column) => guard(cells[column]));
}

/** Empty when no option has a text in this language. */
function optionsIn(lang: Lang, options: readonly LocalizedText[]): string {
  if (options.every((option) => option[lang] === undefined)) return '';
  return options.map((option) => option[lang] ?? '').join(`${OPTION_SEPARATOR} `);
}
