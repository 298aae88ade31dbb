import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { FlowsModule } from '../flows/flows.module.js';
import { CategoriesController } from './categories/categories.controller.js';
import { Category } from './categories/category.entity.js';
import { CategoriesService } from './categories.service.js';
import { InventoryController } from './inventory.controller.js';
import { InventoryService } from './inventory.service.js';
import { Product } from './product.entity.js';
import { ProductsActions } from './products.actions.js';
import { ProductsController } from './products.controller.js';
import { ProductsService } from './products.service.js';
import { StockService } from './stock.service.js';
import { VariantsController } from './variants.controller.js';
import { VariantsService } from './variants.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Product, Category]), FlowsModule],
  controllers: [ProductsController, VariantsController, InventoryController, CategoriesController],
  providers: [ProductsService, VariantsService, CategoriesService, InventoryService, StockService, ProductsActions],
  exports: [ProductsService, CategoriesService, StockService],
})
export class ProductsModule {}
