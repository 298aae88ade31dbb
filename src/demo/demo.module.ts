import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { BotsModule } from '../bots/bots.module.js';
import { FlowsModule } from '../flows/flows.module.js';
import { ProductsModule } from '../products/products.module.js';
import { ConnectionsModule } from '../connections/connections.module.js';
import { SellersModule } from '../sellers/sellers.module.js';
import { DemoBot } from './demo-bot.js';
import { DemoCatalogue } from './demo-catalogue.js';
import { DemoService } from './demo.service.js';
import { DemoShop } from './demo-shop.js';

@Module({
  imports: [AuthModule, BotsModule, FlowsModule, ProductsModule, ConnectionsModule, SellersModule],
  providers: [DemoBot, DemoCatalogue, DemoService, DemoShop],
  exports: [DemoService],
})
export class DemoModule {}
