import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { CategoriesService } from '../products/categories.service.js';
import { ProductsService } from '../products/products.service.js';
import { SellersService } from '../sellers/sellers.service.js';
import { PRODUCTS, SELLERS } from './coffee-shop.js';

const ALL = { limit: 100 };

/** The demo's goods and people. Fills in what is missing, so a seed that was cut off goes on where it stopped. */
@Injectable()
export class DemoCatalogue {
  constructor(
    private readonly db: TenantDatabase,
    private readonly categories: CategoriesService,
    private readonly products: ProductsService,
    private readonly sellers: SellersService,
  ) {}

  async fill(tenantId: TenantId, by: string): Promise<void> {
    const stocked = new Set((await this.products.list(tenantId, { ...ALL, sort: 'sku' })).items.map(({ sku }) => sku));
    for (const { stock, category, ...good } of PRODUCTS.filter(({ sku }) => !stocked.has(sku))) {
      const [categoryId = null] = await this.db.transaction(tenantId, (tx) =>
        this.categories.ensure(tx, tenantId, [[category]]),
      );
      const rest = { description: {}, images: [], isActive: true, initialStock: stock, optionNames: [], variants: [] };
      await this.products.create(tenantId, { ...good, ...rest, categoryId }, by);
    }
    const known = new Set(
      (await this.sellers.list(tenantId, { ...ALL, sort: 'name' })).items.map(({ phone }) => phone),
    );
    for (const seller of SELLERS.filter(({ phone }) => !known.has(phone)))
      await this.sellers.create(tenantId, { ...seller, userId: null, isActive: true });
  }
}
