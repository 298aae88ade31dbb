import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { FlowsModule } from '../flows/flows.module.js';
import { MediaModule } from '../media/media.module.js';
import { CategoriesController } from './categories/categories.controller.js';
import { Category } from './categories/category.entity.js';
import { CategoriesService } from './categories.service.js';
import { CsvExport } from './files/csv-export.js';
import { FilesController } from './files/files.controller.js';
import { ImportRunner } from './files/import-runner.js';
import { ImportSweep } from './files/import-sweep.js';
import { ImportsService } from './files/imports.service.js';
import { ProductImport } from './files/product-import.entity.js';
import { InventoryController } from './inventory.controller.js';
import { InventoryService } from './inventory.service.js';
import { Product } from './product.entity.js';
import { ProductPictures } from './product-pictures.service.js';
import { ProductsActions } from './products.actions.js';
import { ProductsController } from './products.controller.js';
import { ProductsService } from './products.service.js';
import { StockService } from './stock.service.js';
import { VariantsController } from './variants.controller.js';
import { VariantsService } from './variants.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Product, Category, ProductImport]), FlowsModule, MediaModule],
  controllers: [FilesController, ProductsController, VariantsController, InventoryController, CategoriesController],
  providers: [
    ProductsService,
    ProductPictures,
    VariantsService,
    CategoriesService,
    InventoryService,
    StockService,
    ProductsActions,
    ImportsService,
    ImportRunner,
    ImportSweep,
    CsvExport,
  ],
  exports: [ProductsService, CategoriesService, StockService],
})
export class ProductsModule {}
