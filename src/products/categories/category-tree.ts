import type { EntityManager } from 'typeorm';
import type { TenantId } from '../../platform/tenancy/tenant-id.js';
import { fold, LANGS } from '../localized-text.js';
import { Category } from './category.entity.js';

/** Between the names of a path, such as `Ropa > Camisetas`. */
const SEPARATOR = ' > ';

/** One tenant's categories as they are now: some hundreds at most, so all of them are in hand. */
export class CategoryTree {
  private readonly byId: ReadonlyMap<string, Category>;

  constructor(private readonly categories: readonly Category[]) {
    this.byId = new Map(categories.map((category) => [category.id, category]));
  }

  static async load(tx: EntityManager, tenantId: TenantId): Promise<CategoryTree> {
    return new CategoryTree(await tx.getRepository(Category).findBy({ tenantId }));
  }

  find(id: string | null): Category | null {
    return (id === null ? null : this.byId.get(id)) ?? null;
  }

  /** By position, then by Spanish name. */
  childrenOf(id: string | null): Category[] {
    return this.categories
      .filter(({ parentId }) => parentId === id)
      .toSorted(
        (a, b) => a.position - b.position || a.name.es.localeCompare(b.name.es, 'es') || (a.id < b.id ? -1 : 1),
      );
  }

  /** From the root down to this one; empty for none. */
  pathTo(id: string | null): Category[] {
    const category = this.find(id);
    return category ? [...this.pathTo(category.parentId), category] : [];
  }

  /** Spanish names from the root down; null for none. */
  textOf(id: string | null): string | null {
    return id === null ? null : joinPath(this.pathTo(id).map(({ name }) => name.es));
  }

  /** This one and everything below it. */
  within(id: string): string[] {
    return [id, ...this.childrenOf(id).flatMap((child) => this.within(child.id))];
  }

  /** Every category in reading order: each before its children. */
  inOrder(parentId: string | null = null): Category[] {
    return this.childrenOf(parentId).flatMap((category) => [category, ...this.inOrder(category.id)]);
  }

  /** How many levels it spans, itself included. */
  heightOf(id: string): number {
    return 1 + Math.max(0, ...this.childrenOf(id).map((child) => this.heightOf(child.id)));
  }

  /** Those called so in any language, as a customer may type it. */
  named(text: string): Category[] {
    const wanted = fold(text);
    return this.categories.filter(({ name }) => LANGS.some((lang) => fold(name[lang] ?? '') === wanted));
  }

  childNamed(parentId: string | null, spanish: string): Category | null {
    const wanted = spanish.toLowerCase();
    return this.categories.find((c) => c.parentId === parentId && c.name.es.toLowerCase() === wanted) ?? null;
  }
}

export function joinPath(names: readonly string[]): string {
  return names.join(SEPARATOR);
}

/** @returns no name is empty; an empty text is no path */
export function splitPath(text: string): string[] {
  return text
    .split(SEPARATOR.trim())
    .map((name) => name.trim())
    .filter(Boolean);
}
