import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { FlowsModule } from '../flows/flows.module.js';
import { SellerSettings } from './seller-settings.entity.js';
import { SellerWorkController } from './seller-work.controller.js';
import { SellerWorkService } from './seller-work.service.js';
import { Seller } from './seller.entity.js';
import { SellersActions } from './sellers.actions.js';
import { SellersController } from './sellers.controller.js';
import { SellersService } from './sellers.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Seller, SellerSettings]), FlowsModule],
  controllers: [SellerWorkController, SellersController],
  providers: [SellersService, SellerWorkService, SellersActions],
  exports: [SellersService],
})
export class SellersModule {}
