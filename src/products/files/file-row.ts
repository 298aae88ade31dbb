import { MAX_DEPTH } from '../categories/categories.dto.js';
import { splitPath } from '../categories/category-tree.js';
import { LANGS, type Lang, type LocalizedText } from '../localized-text.js';
import type { ProductImage } from '../product.entity.js';
import { MAX_IMAGES, MAX_OPTIONS, productFields } from '../products.dto.js';
import { MAX_UNITS } from '../stock.dto.js';
import type { Problem, ReasonCode } from './import-reasons.js';
import { exampleOf, parsePrice, type Money } from './price-text.js';

/** The columns of a file of products, in the order they are exported. */
export const COLUMNS = [
  'sku',
  'parent_sku',
  'name_es',
  'name_en',
  'name_pt',
  'description_es',
  'description_en',
  'description_pt',
  'options_es',
  'options_en',
  'options_pt',
  'category',
  'price',
  'currency',
  'images',
  'active',
  'low_stock_at',
  'stock',
] as const;
/** What the file says, by column; a column it does not have is absent. */
export type Cells = Readonly<Record<string, string>>;

export const OPTION_SEPARATOR = ';';
export const IMAGE_SEPARATOR = ' ';

type Texts = { readonly [L in Lang]?: string | null };

/** One line, read. Absent: the file has no such column, so what is stored stays. `null`: the cell is empty. */
export type FileRow = {
  readonly line: number;
  readonly sku: string;
  readonly parentSku?: string | null;
  readonly name: Texts;
  readonly description: Texts;
  readonly options?: readonly LocalizedText[];
  /** Names from the top down; empty: in no category. */
  readonly category?: readonly string[];
  readonly priceMinor?: number | null;
  readonly images?: readonly ProductImage[];
  readonly isActive?: boolean;
  readonly lowStockAt?: number;
  /** Units on hand; null leaves the stock alone. */
  readonly stock?: number | null;
};

const SKU_CHARS = 64;
const NAME_CHARS = 200;
const DESCRIPTION_CHARS = 2000;
const OPTION_CHARS = 60;
const CATEGORY_CHARS = 60;
const MAX_PRICE_MINOR = 100_000_000_000;
const YES = ['true', '1', 'sí', 'si', 'yes', 'sim', 'verdadero', 'verdadeiro'];
const NO = ['false', '0', 'no', 'não', 'nao', 'falso'];

/** Reads one line; what is wrong with it is told to `refuse`. */
export function readRow(cells: Cells, line: number, money: Money, tell: (problem: Problem) => void): FileRow {
  const refuse = (column: string, code: ReasonCode, about?: string | number) => {
    tell({ line, column, code, about });
  };
  const text = (column: string, maxChars: number): string | null | undefined => {
    const cell = cells[column];
    if (cell === undefined) return undefined;
    if (cell.length > maxChars) refuse(column, 'too_long', maxChars);
    return cell === '' ? null : cell;
  };
  const texts = (column: string, maxChars: number): Texts =>
    Object.fromEntries(
      LANGS.map((lang) => [lang, text(`${column}_${lang}`, maxChars)]).filter(([, value]) => value !== undefined),
    ) as Texts;
  const units = (column: string): number | null | undefined => {
    const cell = cells[column];
    if (cell === undefined) return undefined;
    if (cell === '') return null;
    const isWhole = /^\d{1,7}$/.test(cell) && Number(cell) <= MAX_UNITS;
    if (!isWhole) refuse(column, 'not_a_number', MAX_UNITS);
    return Number(cell);
  };
  const sku = text('sku', SKU_CHARS) ?? '';
  if (sku === '') refuse('sku', 'needed');
  if (cells['currency'] && cells['currency'] !== money.currency) refuse('currency', 'other_currency', money.currency);
  const lowStockAt = units('low_stock_at');
  return {
    line,
    sku,
    parentSku: text('parent_sku', SKU_CHARS),
    name: texts('name', NAME_CHARS),
    description: texts('description', DESCRIPTION_CHARS),
    options: readOptions(cells, refuse),
    category: readCategory(cells['category'], refuse),
    priceMinor: readPrice(cells['price'], money, refuse),
    images: readImages(cells['images'], refuse),
    isActive: readFlag(cells['active'], refuse),
    lowStockAt: lowStockAt === null ? 0 : lowStockAt,
    stock: units('stock'),
  };
}

type Refuse = (column: string, code: ReasonCode, about?: string | number) => void;

function readPrice(cell: string | undefined, money: Money, refuse: Refuse): number | null | undefined {
  if (cell === undefined || cell === '') return cell === '' ? null : undefined;
  const priceMinor = parsePrice(cell, money);
  if (priceMinor === null || priceMinor > MAX_PRICE_MINOR) refuse('price', 'not_a_price', exampleOf(money));
  return priceMinor;
}

function readFlag(cell: string | undefined, refuse: Refuse): boolean | undefined {
  if (cell === undefined) return undefined;
  const word = cell.toLowerCase();
  const isNo = NO.includes(word);
  if (word !== '' && !isNo && !YES.includes(word)) refuse('active', 'not_a_flag');
  return !isNo;
}

function readImages(cell: string | undefined, refuse: Refuse): ProductImage[] | undefined {
  if (cell === undefined) return undefined;
  const urls = cell.split(/\s+/).filter(Boolean);
  if (urls.length > MAX_IMAGES) refuse('images', 'too_many', MAX_IMAGES);
  const images = urls.map((url) => ({ url }));
  const wrong = urls.find((_url, index) => !productFields.images.safeParse([images[index]]).success);
  if (wrong !== undefined) refuse('images', 'not_a_url', wrong.slice(0, 100));
  return images;
}

function readCategory(cell: string | undefined, refuse: Refuse): string[] | undefined {
  if (cell === undefined) return undefined;
  const path = splitPath(cell);
  if (path.length > MAX_DEPTH) refuse('category', 'category_depth', MAX_DEPTH);
  if (path.some((name) => name.length > CATEGORY_CHARS)) refuse('category', 'too_long', CATEGORY_CHARS);
  return path;
}

/** `M; Azul`: one text per option; the other languages may be left out, but not half. */
function readOptions(cells: Cells, refuse: Refuse): LocalizedText[] | undefined {
  const spanish = listOf(cells['options_es']);
  if (spanish === undefined) return undefined;
  if (spanish.length > MAX_OPTIONS) refuse('options_es', 'too_many', MAX_OPTIONS);
  if (spanish.some((each) => each === '')) refuse('options_es', 'needed');
  if (spanish.some((each) => each.length > OPTION_CHARS)) refuse('options_es', 'too_long', OPTION_CHARS);
  const others = (['en', 'pt'] as const).map((lang) => {
    const list = listOf(cells[`options_${lang}`]) ?? [];
    if (list.length > 0 && list.length !== spanish.length) refuse(`options_${lang}`, 'option_languages');
    if (list.some((each) => each.length > OPTION_CHARS)) refuse(`options_${lang}`, 'too_long', OPTION_CHARS);
    return [lang, list] as const;
  });
  return spanish.map((es, index) => ({
    es,
    ...Object.fromEntries(others.flatMap(([lang, list]) => (list[index] ? [[lang, list[index]]] : []))),
  }));
}

/** An empty text between two semicolons is a language that lacks this one. */
function listOf(cell: string | undefined): string[] | undefined {
  if (cell === undefined) return undefined;
  return cell === '' ? [] : cell.split(OPTION_SEPARATOR).map((each) => each.trim());
}
