import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { FlowsModule } from '../flows/flows.module.js';
import { Seller } from './seller.entity.js';
import { SellersActions } from './sellers.actions.js';
import { SellersController } from './sellers.controller.js';
import { SellersService } from './sellers.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Seller]), FlowsModule],
  controllers: [SellersController],
  providers: [SellersService, SellersActions],
  exports: [SellersService],
})
export class SellersModule {}
