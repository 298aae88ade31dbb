import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { isStillReferenced } from '../platform/database/constraint-violation.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { assertRevision } from '../platform/http/etag.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import {
  MAX_CATEGORIES,
  MAX_DEPTH,
  type CategoryList,
  type CategoryView,
  type ChangeCategory,
  type CreateCategory,
} from './categories/categories.dto.js';
import { CategoryTree } from './categories/category-tree.js';
import { Category } from './categories/category.entity.js';
import {
  CategoryInUseError,
  CategoryLimitError,
  CategoryNameTakenError,
  CategoryNotFoundError,
  CategoryPlaceError,
  UnknownCategoryError,
} from './categories/category.errors.js';
import type { LocalizedText } from './localized-text.js';
import { refreshSearchText } from './product-search.js';

type Place = { readonly id: string | null; readonly parentId: string | null; readonly name: LocalizedText };

/** The tree products stand in. Changes of one tenant's tree wait for each other, so it stays a tree. */
@Injectable()
export class CategoriesService {
  constructor(
    @Inject(TenantDatabase) private readonly db: TenantDatabase,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  list(tenantId: TenantId): Promise<CategoryList> {
    return this.db.transaction(tenantId, async (tx) => {
      const tree = await CategoryTree.load(tx, tenantId);
      const counts = await countProducts(tx, tenantId);
      return { items: tree.inOrder().map((category) => toView(category, tree, counts)) };
    });
  }

  /** @throws CategoryNotFoundError unknown id, or another tenant's */
  get(tenantId: TenantId, id: string): Promise<CategoryView> {
    return this.db.transaction(tenantId, (tx) => view(tx, tenantId, id));
  }

  /**
   * @throws CategoryNameTakenError a sibling is called so in Spanish
   * @throws CategoryPlaceError below the third level
   * @throws UnknownCategoryError `parentId` is no category of this tenant
   * @throws CategoryLimitError
   */
  create(tenantId: TenantId, input: CreateCategory): Promise<CategoryView> {
    return this.db.transaction(tenantId, async (tx) => {
      const tree = await lockTree(tx, tenantId);
      assertPlace(tree, { id: null, ...input });
      const id = await this.insert(tx, tenantId, tree, input);
      return view(tx, tenantId, id);
    });
  }

  /**
   * Products are found by the new name at once.
   *
   * @throws RevisionMismatchError and what `create` throws
   */
  change(tenantId: TenantId, id: string, patch: ChangeCategory, ifMatch?: string): Promise<CategoryView> {
    return this.db.transaction(tenantId, async (tx) => {
      const tree = await lockTree(tx, tenantId);
      const category = tree.find(id);
      if (!category) throw new CategoryNotFoundError(id);
      assertRevision(ifMatch, category.revision);
      const { parentId = category.parentId, name = category.name } = patch;
      assertPlace(tree, { id, parentId, name });
      const update = { ...patch, revision: category.revision + 1, updatedAt: this.clock.now() };
      await tx.getRepository(Category).update({ id, tenantId }, update);
      await refreshSearchText(tx, tenantId, await productsIn(tx, tenantId, tree.within(id)));
      return view(tx, tenantId, id);
    });
  }

  /** @throws CategoryInUseError something is in it */
  remove(tenantId: TenantId, id: string): Promise<void> {
    return this.db.transaction(tenantId, async (tx) => {
      const tree = await lockTree(tx, tenantId);
      if (!tree.find(id)) throw new CategoryNotFoundError(id);
      try {
        await tx.getRepository(Category).delete({ id, tenantId });
      } catch (error) {
        if (isStillReferenced(error)) throw new CategoryInUseError();
        throw error;
      }
    });
  }

  /**
   * The ids of these categories by path of Spanish names from the top down; those that are missing are made.
   *
   * @throws CategoryLimitError, CategoryPlaceError
   */
  async ensure(tx: EntityManager, tenantId: TenantId, paths: readonly (readonly string[])[]): Promise<string[]> {
    let tree = await lockTree(tx, tenantId);
    const ids: string[] = [];
    for (const path of paths) {
      let parentId: string | null = null;
      for (const es of path) {
        const known: Category | null = tree.childNamed(parentId, es);
        if (known) {
          parentId = known.id;
          continue;
        }
        assertPlace(tree, { id: null, parentId, name: { es } });
        parentId = await this.insert(tx, tenantId, tree, { parentId, name: { es }, position: 0 });
        tree = await CategoryTree.load(tx, tenantId);
      }
      if (parentId === null) throw new TypeError('A path names at least one category');
      ids.push(parentId);
    }
    return ids;
  }

  private async insert(
    tx: EntityManager,
    tenantId: TenantId,
    tree: CategoryTree,
    input: CreateCategory,
  ): Promise<string> {
    if (tree.inOrder().length >= MAX_CATEGORIES) throw new CategoryLimitError(MAX_CATEGORIES);
    const now = this.clock.now();
    const category = { ...input, id: randomUUID(), tenantId, createdAt: now, updatedAt: now };
    await tx.getRepository(Category).insert(category);
    return category.id;
  }
}

async function lockTree(tx: EntityManager, tenantId: TenantId): Promise<CategoryTree> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`categories:${tenantId}`]);
  return CategoryTree.load(tx, tenantId);
}

function assertPlace(tree: CategoryTree, { id, parentId, name }: Place): void {
  if (parentId !== null && !tree.find(parentId)) throw new UnknownCategoryError(parentId, 'parentId');
  if (id !== null && parentId !== null && tree.within(id).includes(parentId))
    throw new CategoryPlaceError('A category cannot stand below itself');
  const height = id === null ? 1 : tree.heightOf(id);
  if (tree.pathTo(parentId).length + height > MAX_DEPTH)
    throw new CategoryPlaceError(`Categories go at most ${MAX_DEPTH} levels deep`);
  const namesake = tree.childNamed(parentId, name.es);
  if (namesake && namesake.id !== id) throw new CategoryNameTakenError(name.es);
}

async function productsIn(tx: EntityManager, tenantId: TenantId, categoryIds: readonly string[]): Promise<string[]> {
  const rows: { id: string }[] = await tx.query(
    'select id from product where tenant_id = $1 and category_id = any($2::uuid[])',
    [tenantId, categoryIds],
  );
  return rows.map(({ id }) => id);
}

async function countProducts(tx: EntityManager, tenantId: TenantId): Promise<ReadonlyMap<string, number>> {
  const rows: { category_id: string; n: number }[] = await tx.query(
    'select category_id, count(*)::int as n from product where tenant_id = $1 and category_id is not null group by 1',
    [tenantId],
  );
  return new Map(rows.map((row) => [row.category_id, row.n]));
}

async function view(tx: EntityManager, tenantId: TenantId, id: string): Promise<CategoryView> {
  const tree = await CategoryTree.load(tx, tenantId);
  const category = tree.find(id);
  if (!category) throw new CategoryNotFoundError(id);
  return toView(category, tree, await countProducts(tx, tenantId));
}

function toView(category: Category, tree: CategoryTree, counts: ReadonlyMap<string, number>): CategoryView {
  return {
    id: category.id,
    parentId: category.parentId,
    name: category.name,
    path: tree.textOf(category.id) ?? '',
    depth: tree.pathTo(category.id).length,
    position: category.position,
    productCount: counts.get(category.id) ?? 0,
    revision: category.revision,
    createdAt: category.createdAt.toISOString(),
    updatedAt: category.updatedAt.toISOString(),
  };
}
