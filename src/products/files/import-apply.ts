import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { toSafeInteger } from '../../platform/database/safe-integer.js';
import { AppError } from '../../platform/errors/app-error.js';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import type { CategoriesService } from '../categories.service.js';
import { joinPath } from '../categories/category-tree.js';
import type { ProductPictures } from '../product-pictures.service.js';
import { refreshSearchText } from '../product-search.js';
import type { StockLine, StockService } from '../stock.service.js';
import type { FileRow } from './file-row.js';
import type { Problem, ReasonCode } from './import-reasons.js';
import { isSame, merge, type Contents, type Stored } from './row-merge.js';

const BATCH = 500;

export type ImportOutcome = {
  created: number;
  updated: number;
  unchanged: number;
  /** Not empty: the transaction has to be undone. */
  readonly problems: Problem[];
};
type Services = {
  readonly categories: CategoriesService;
  readonly stock: StockService;
  readonly pictures: ProductPictures;
};
type Write = Contents & { readonly id: string; readonly sku: string };

/**
 * Makes the catalogue what a file says, in the caller's transaction: what is new is made, what differs is written, the
 * rest is left alone. Goes on after a bad line, so that all of them are told.
 */
export class ImportApply {
  readonly outcome: ImportOutcome = { created: 0, updated: 0, unchanged: 0, problems: [] };
  /** Of products whose text, or whose variants', has changed. */
  private readonly touched = new Set<string>();
  private readonly stockRows = new Map<string, FileRow>();
  private categoryIds: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly tx: EntityManager,
    private readonly tenantId: TenantId,
    private readonly by: { readonly userId: string; readonly currency: string; readonly importId: string; now: Date },
    private readonly services: Services,
  ) {}

  /** @param onProgress hears how many lines are through */
  async run(rows: readonly FileRow[], onProgress: (done: number) => Promise<void>): Promise<ImportOutcome> {
    // See refreshSearchText: of a business the statistics have not seen, one row is expected everywhere.
    await this.tx.query('set local enable_nestloop = off');
    await this.openCategories(rows);
    await this.refuseStrangePictures(rows);
    const known = await this.variantSkus(rows);
    const isVariant = (row: FileRow) => (row.parentSku === undefined ? known.has(row.sku) : row.parentSku !== null);
    const [variants, products] = [rows.filter(isVariant), rows.filter((row) => !isVariant(row))];
    let done = 0;
    for (const [each, apply] of [
      [products, this.applyProducts],
      [variants, this.applyVariants],
    ] as const) {
      for (let from = 0; from < each.length; from += BATCH) {
        const batch = each.slice(from, from + BATCH);
        await apply.call(this, batch);
        done += batch.length;
        await onProgress(done);
      }
    }
    await this.setStock();
    if (this.outcome.problems.length === 0) await refreshSearchText(this.tx, this.tenantId, [...this.touched]);
    return this.outcome;
  }

  private async refuseStrangePictures(rows: readonly FileRow[]): Promise<void> {
    const images = rows.flatMap((row) => row.images ?? []);
    const missing = new Set(await this.services.pictures.missing(this.tx, this.tenantId, images));
    if (missing.size === 0) return;
    for (const row of rows)
      for (const { url } of row.images ?? []) if (missing.has(url)) this.refuse(row, 'images', 'unknown_image', url);
  }

  private async applyProducts(rows: readonly FileRow[]): Promise<void> {
    const stored = await this.lockStored(rows.map(({ sku }) => sku));
    const siblings = await this.siblingsOf([...stored.values()].map(({ id }) => id));
    const writes: Write[] = [];
    for (const row of rows) {
      const before = stored.get(row.sku) ?? null;
      if (before?.parentId) {
        this.refuse(row, 'parent_sku', 'is_variant');
        continue;
      }
      const path = row.category === undefined ? undefined : joinPath(row.category).toLowerCase();
      const categoryId = path === undefined ? undefined : (this.categoryIds.get(path) ?? null);
      const wanted = this.merged(row, before, { parent: null, categoryId });
      const count = before?.options.length ?? 0;
      if (before && siblings.has(before.id) && wanted && wanted.options.length !== count)
        this.refuse(row, 'options_es', 'option_count_fixed', count);
      else if (wanted) this.note(row, before, wanted, writes);
    }
    await this.write(writes, stored);
  }

  private async applyVariants(rows: readonly FileRow[]): Promise<void> {
    const stored = await this.lockStored(rows.map(({ sku }) => sku));
    const ofStored = [...stored.values()].flatMap(({ parentId }) => parentId ?? []);
    const bySku = await this.lockStored(rows.flatMap(({ parentSku }) => parentSku ?? []));
    const parents = new Map([...(await this.lockById(ofStored)), ...byId(bySku)]);
    const siblings = await this.siblingsOf([...parents.keys()]);
    // Locked, or somebody might fill up a product that is just getting its first variant.
    const levels = await this.levelsOf([...parents.keys()], 'order by product_id for update');
    const writes: Write[] = [];
    for (const row of rows) {
      const before = stored.get(row.sku) ?? null;
      const parent = row.parentSku ? bySku.get(row.parentSku) : parents.get(before?.parentId ?? '');
      if (!parent) this.refuse(row, 'parent_sku', 'unknown_parent', row.parentSku ?? '');
      else if (parent.parentId) this.refuse(row, 'parent_sku', 'parent_is_variant', parent.sku);
      else if (before && before.parentId !== parent.id) this.refuse(row, 'parent_sku', 'other_parent', parent.sku);
      else if (!before && (levels.get(parent.id) ?? 0) > 0 && !this.stockRows.has(parent.id))
        this.refuse(row, 'parent_sku', 'has_stock');
      else {
        const wanted = this.merged(row, before, { parent });
        const family = siblings.get(parent.id) ?? new Map<string, string>();
        const options = optionsKey(wanted?.options ?? []);
        const twin = family.get(options);
        if (wanted && twin !== undefined && twin !== row.sku) this.refuse(row, 'options_es', 'same_options', twin);
        else if (wanted) {
          siblings.set(parent.id, family.set(options, row.sku));
          this.note(row, before, wanted, writes);
        }
      }
    }
    await this.write(writes, stored);
  }

  private merged(row: FileRow, stored: Stored | null, place: Parameters<typeof merge>[2]): Contents | null {
    const { length } = this.outcome.problems;
    const wanted = merge(row, stored, place, (problem) => this.outcome.problems.push(problem));
    return this.outcome.problems.length === length ? wanted : null;
  }

  private note(row: FileRow, before: Stored | null, wanted: Contents, writes: Write[]): void {
    const id = before?.id ?? randomUUID();
    if (row.stock !== undefined && row.stock !== null) this.stockRows.set(id, row);
    if (before && isSame(before, wanted)) {
      this.outcome.unchanged += 1;
      return;
    }
    this.outcome[before ? 'updated' : 'created'] += 1;
    this.touched.add(wanted.parentId ?? id);
    writes.push({ ...wanted, id, sku: row.sku });
  }

  private async write(writes: readonly Write[], stored: ReadonlyMap<string, Stored>): Promise<void> {
    const { now, currency } = this.by;
    const [changed, made] = [writes.filter(({ sku }) => stored.has(sku)), writes.filter(({ sku }) => !stored.has(sku))];
    const columns = `id uuid, "parentId" uuid, sku text, name jsonb, description jsonb, options jsonb,
      "categoryId" uuid, "priceMinor" bigint, images jsonb, "isActive" boolean, "lowStockAt" int`;
    if (changed.length > 0)
      await this.tx.query(
        `update product p set name = w.name, description = w.description, options = w.options,
           category_id = w."categoryId", price_minor = w."priceMinor", images = w.images, is_active = w."isActive",
           low_stock_at = w."lowStockAt", revision = p.revision + 1, updated_at = $3
         from jsonb_to_recordset($2) w(${columns}) where p.tenant_id = $1 and p.id = w.id`,
        [this.tenantId, JSON.stringify(changed), now],
      );
    if (made.length === 0) return;
    await this.tx.query(
      `insert into product (id, tenant_id, parent_id, sku, name, description, options, category_id, price_minor,
         currency, images, is_active, low_stock_at, created_at, updated_at)
       select w.id, $1, w."parentId", w.sku, w.name, w.description, w.options, w."categoryId", w."priceMinor",
         $4, w.images, w."isActive", w."lowStockAt", $3, $3 from jsonb_to_recordset($2) w(${columns})`,
      [this.tenantId, JSON.stringify(made), now, currency],
    );
    const lines = made.map(({ id }) => ({ productId: id, quantity: 0 }));
    await this.services.stock.open(this.tx, this.tenantId, { lines, reason: 'imported', by: this.by.userId });
  }

  /** Last, because whoever sells waits for it. */
  private async setStock(): Promise<void> {
    const ids = [...this.stockRows.keys()];
    const [levels, parents] = [await this.levelsOf(ids), await this.siblingsOf(ids)];
    const lines: StockLine[] = [];
    for (const [productId, row] of this.stockRows) {
      const quantity = row.stock ?? 0;
      if (parents.has(productId) && quantity > 0) this.refuse(row, 'stock', 'has_stock');
      else if (levels.get(productId) !== quantity) lines.push({ productId, quantity });
    }
    const { userId: by, importId, now } = this.by;
    const entry = { reason: 'imported', by, key: `import:${importId}` } as const;
    const held = await this.services.stock.setLevels(this.tx, this.tenantId, { ...entry, lines, now });
    for (const { productId, available } of held) {
      const row = this.stockRows.get(productId);
      if (row) this.refuse(row, 'stock', 'held', available);
    }
  }

  private async openCategories(rows: readonly FileRow[]): Promise<void> {
    const paths = new Map<string, readonly string[]>();
    for (const { category, parentSku } of rows)
      if (category?.length && !parentSku) paths.set(joinPath(category).toLowerCase(), category);
    if (paths.size === 0) return;
    try {
      const ids = await this.services.categories.ensure(this.tx, this.tenantId, [...paths.values()]);
      this.categoryIds = new Map([...paths.keys()].map((path, index) => [path, ids[index] ?? '']));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const first = rows.find(({ category }) => category?.length);
      if (first) this.refuse(first, 'category', 'category_limit');
    }
  }

  private async variantSkus(rows: readonly FileRow[]): Promise<ReadonlySet<string>> {
    const unsaid = rows.filter(({ parentSku }) => parentSku === undefined).map(({ sku }) => sku);
    const found: { sku: string }[] = await this.tx.query(
      'select sku from product where tenant_id = $1 and parent_id is not null and sku = any($2::text[])',
      [this.tenantId, unsaid],
    );
    return new Set(found.map(({ sku }) => sku));
  }

  private async lockStored(skus: readonly string[]): Promise<Map<string, Stored>> {
    const rows = await this.lockWhere('sku = any($2::text[])', skus);
    return new Map(rows.map((row) => [row.sku, row]));
  }

  private async lockById(ids: readonly string[]): Promise<Map<string, Stored>> {
    return byId(new Map((await this.lockWhere('id = any($2::uuid[])', ids)).map((row) => [row.sku, row])));
  }

  private async lockWhere(condition: string, values: readonly string[]): Promise<Stored[]> {
    const rows: (Stored & { priceMinor: string | null })[] = await this.tx.query(
      `select id, parent_id as "parentId", sku, name, description, options, category_id as "categoryId",
         price_minor as "priceMinor", images, is_active as "isActive", low_stock_at as "lowStockAt"
       from product where tenant_id = $1 and ${condition} order by id for no key update`,
      [this.tenantId, values],
    );
    return rows.map((row) => ({ ...row, priceMinor: row.priceMinor === null ? null : toSafeInteger(row.priceMinor) }));
  }

  /** Of each product with variants: their SKUs by their options. */
  private async siblingsOf(ids: readonly string[]): Promise<Map<string, Map<string, string>>> {
    const rows: (Pick<Stored, 'sku' | 'options'> & { parentId: string })[] = await this.tx.query(
      'select parent_id as "parentId", sku, options from product where tenant_id = $1 and parent_id = any($2::uuid[])',
      [this.tenantId, ids],
    );
    const families = new Map<string, Map<string, string>>();
    for (const { parentId, sku, options } of rows) {
      const family = families.get(parentId) ?? new Map<string, string>();
      families.set(parentId, family.set(optionsKey(options), sku));
    }
    return families;
  }

  private async levelsOf(
    ids: readonly string[],
    lock: 'order by product_id for update' | '' = '',
  ): Promise<ReadonlyMap<string, number>> {
    const rows: { product_id: string; on_hand: number }[] = await this.tx.query(
      `select product_id, on_hand from stock_level where tenant_id = $1 and product_id = any($2::uuid[]) ${lock}`,
      [this.tenantId, ids],
    );
    return new Map(rows.map((row) => [row.product_id, row.on_hand]));
  }

  private refuse({ line }: FileRow, column: string, code: ReasonCode, about?: string | number): void {
    this.outcome.problems.push({ line, column, code, about });
  }
}

function byId(bySku: ReadonlyMap<string, Stored>): Map<string, Stored> {
  return new Map([...bySku.values()].map((row) => [row.id, row]));
}

/** The same for equal options, whatever the order of their languages. */
function optionsKey(options: Stored['options']): string {
  return JSON.stringify(options.map(({ es, en, pt }) => [es, en, pt]));
}
