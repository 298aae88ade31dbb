import type { EntityManager } from 'typeorm';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { fold } from './localized-text.js';

/** Each typed word with the words that may stand for it; a product matches when it holds one of each. */
export type Wanted = {
  /** Folded, as typed. */
  readonly text: string;
  readonly words: readonly (readonly string[])[];
};

/** More words than this only narrow what is narrow already. */
const MAX_WORDS = 8;
const CANDIDATES = 12;
/** Up to so many products the plan does not matter. */
const FEW = 50;

export function wantedOf(text: string): Wanted {
  const words = fold(text).split(/\s+/).filter(Boolean).slice(0, MAX_WORDS);
  return { text: words.join(' '), words: words.map((word) => [word]) };
}

/**
 * For a text nothing fits: replaces each word that no product holds by those of the catalogue that one or two slips of
 * the finger turn into it. Trigrams find the candidates, the distance decides.
 *
 * @returns null when a word resembles nothing
 */
export async function correctWords(tx: EntityManager, tenantId: TenantId, wanted: Wanted): Promise<Wanted | null> {
  const typed = wanted.words.flat();
  const rows: { typed: string; candidates: string[]; is_known: boolean }[] = await tx.query(
    `with words as materialized (
       select distinct string_to_table(search_text, ' ') as word from product where tenant_id = $1)
     select t.typed, exists (select 1 from words where position(t.typed in word) > 0) as is_known,
       array(select word from words where length(word) between length(t.typed) - 2 and length(t.typed) + 2
             order by similarity(word, t.typed) desc, word limit $3) as candidates
     from unnest($2::text[]) t(typed)`,
    [tenantId, typed, CANDIDATES],
  );
  const corrected = rows.map((row) =>
    row.is_known ? [row.typed] : row.candidates.filter((word) => slipsBetween(row.typed, word) <= slipsIn(row.typed)),
  );
  if (corrected.some((words) => words.length === 0)) return null;
  return { text: wanted.text, words: corrected };
}

/** One slip in a short word, two in a long one; a word of one or two letters has to be right. */
function slipsIn({ length }: string): number {
  if (length < 3) return 0;
  return length < 7 ? 1 : 2;
}

/** Letters to add, drop, replace or swap with their neighbour (optimal string alignment). */
export function slipsBetween(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      const change = at(above, column - 1) + (isSame ? 0 : 1);
      let least = Math.min(at(above, column) + 1, at(line, column - 1) + 1, change);
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) least = Math.min(least, at(before, column - 2) + 1);
      line.push(least);
    }
    [before, above] = [above, line];
  }
  return at(above, b.length);
}

function at(line: readonly number[], index: number): number {
  return line[index] ?? Number.POSITIVE_INFINITY;
}

/** Characters that LIKE reads as wildcards, made plain. */
export function likePattern(text: string, { before = '%', after = '%' } = {}): string {
  return `${before}${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}${after}`;
}

/**
 * Writes what search looks at: of a product its names, SKU, categories and variants; of a variant also what its
 * product says. Call after changing any of these.
 *
 * @param ids products whose own text or variants changed; null: all of the tenant's
 */
export async function refreshSearchText(
  tx: EntityManager,
  tenantId: TenantId,
  ids: readonly string[] | null,
): Promise<void> {
  // Statistics that have not seen this tenant yet promise one row; nested loops over ten thousand take minutes.
  const isMany = ids === null || ids.length > FEW;
  if (isMany) await tx.query('set local enable_nestloop = off');
  await tx.query(
    `with recursive path as (
       select id, texts_of(name) as text from product_category where tenant_id = $1 and parent_id is null
       union all
       select c.id, path.text || ' ' || texts_of(c.name) from product_category c join path on c.parent_id = path.id),
     main as materialized (
       select m.id, concat_ws(' ', texts_of(m.name), m.sku, path.text) as text
       from product m left join path on path.id = m.category_id
       where m.tenant_id = $1 and m.parent_id is null and ($2::uuid[] is null or m.id = any($2))),
     variant as materialized (
       select v.id, v.parent_id, concat_ws(' ', v.sku, texts_of(v.options)) as text, main.text as of_main
       from product v join main on main.id = v.parent_id),
     family as (select parent_id, string_agg(text, ' ' order by id) as text from variant group by parent_id),
     texts as materialized (
       select main.id, fold_text(concat_ws(' ', main.text, family.text)) as text
       from main left join family on family.parent_id = main.id
       union all
       select id, fold_text(of_main || ' ' || text) from variant)
     update product p set search_text = texts.text from texts
     where p.id = texts.id and p.tenant_id = $1 and p.search_text <> texts.text`,
    [tenantId, ids],
  );
  if (isMany) await tx.query('set local enable_nestloop = on');
}
