import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { FlowsModule } from '../flows/flows.module.js';
import { Product } from './product.entity.js';
import { ProductsActions } from './products.actions.js';
import { ProductsController } from './products.controller.js';
import { ProductsService } from './products.service.js';
import { StockService } from './stock.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Product]), FlowsModule],
  controllers: [ProductsController],
  providers: [ProductsService, StockService, ProductsActions],
  exports: [ProductsService, StockService],
})
export class ProductsModule {}
