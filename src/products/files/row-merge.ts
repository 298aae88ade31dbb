import { isDeepStrictEqual } from 'node:util';
import { LANGS, type Lang, type LocalizedText } from '../localized-text.js';
import type { Product } from '../product.entity.js';
import type { FileRow } from './file-row.js';
import type { Problem, ReasonCode } from './import-reasons.js';

/** What a file can say of a product or a variant. */
export type Contents = Pick<
  Product,
  'parentId' | 'name' | 'description' | 'options' | 'categoryId' | 'priceMinor' | 'images' | 'isActive' | 'lowStockAt'
>;
export type Stored = Contents & { readonly id: string; readonly sku: string };

type Place = {
  /** The product it is a variant of. */
  readonly parent: Stored | null;
  /** Absent: the file has no such column. */
  readonly categoryId?: string | null;
};

/**
 * What is stored with what the line says laid over it.
 *
 * @param stored null: a new one
 * @param tell hears of what the line lacks or may not say
 */
export function merge(
  row: FileRow,
  stored: Stored | null,
  { parent, categoryId }: Place,
  tell: (problem: Problem) => void,
): Contents {
  const refuse = (column: string, code: ReasonCode, about?: string | number) => {
    tell({ line: row.line, column, code, about });
  };
  const priceMinor = row.priceMinor === undefined ? (stored?.priceMinor ?? null) : row.priceMinor;
  const options = row.options ?? stored?.options ?? [];
  const shared = {
    options,
    priceMinor,
    images: row.images ?? stored?.images ?? [],
    isActive: row.isActive ?? stored?.isActive ?? true,
    lowStockAt: row.lowStockAt ?? stored?.lowStockAt ?? 0,
  };
  if (parent) {
    for (const column of textsIn(row)) refuse(column, 'of_the_product', parent.sku);
    const count = parent.options.length;
    if (options.length !== count || count === 0) refuse('options_es', 'option_count', count);
    return { ...shared, parentId: parent.id, name: { es: '' }, description: {}, categoryId: null };
  }
  const name = layOver(stored?.name, row.name);
  if (name.es === undefined) refuse('name_es', 'needed');
  if (priceMinor === null) refuse('price', 'needed');
  return {
    ...shared,
    parentId: null,
    name: { ...name, es: name.es ?? '' },
    description: layOver(stored?.description, row.description),
    categoryId: categoryId === undefined ? (stored?.categoryId ?? null) : categoryId,
  };
}

/** Whether there is nothing to write. */
export function isSame(stored: Stored, wanted: Contents): boolean {
  const { id: _id, sku: _sku, ...contents } = stored;
  return isDeepStrictEqual(
    { ...contents, description: layOver(contents.description, {}) },
    { ...wanted, description: layOver(wanted.description, {}) },
  );
}

/** In a key order of its own, without empty texts. */
function layOver(
  below: Partial<LocalizedText> = {},
  above: { readonly [L in Lang]?: string | null },
): Partial<LocalizedText> {
  const texts = LANGS.map((lang) => [lang, above[lang] === undefined ? below[lang] : above[lang]] as const);
  return Object.fromEntries(texts.filter(([, text]) => text));
}

/** Columns a variant leaves empty. */
function textsIn({ name, description, category }: FileRow): string[] {
  const said = (column: string, texts: FileRow['name']) =>
    LANGS.filter((lang) => texts[lang]).map((lang) => `${column}_${lang}`);
  return [...said('name', name), ...said('description', description), ...(category?.length ? ['category'] : [])];
}
