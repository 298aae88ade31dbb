import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AnalyticsModule } from '../analytics/analytics.module.js';
import { FlowsModule } from '../flows/flows.module.js';
import { ProductsModule } from '../products/products.module.js';
import { SellersModule } from '../sellers/sellers.module.js';
import { CartActions } from './cart.actions.js';
import { CartService } from './cart.service.js';
import { CustomerOrders } from './customer-orders.service.js';
import { OrderAssignment } from './order-assignment.service.js';
import { OrderEdits } from './order-edits.service.js';
import { OrderExpiry } from './order-expiry.js';
import { OrderEvent } from './order-event.entity.js';
import { OrderLifecycle } from './order-lifecycle.service.js';
import { OrderLine } from './order-line.entity.js';
import { OrderMessages } from './order-messages.service.js';
import { OrderMessagesController } from './order-messages.controller.js';
import { OrderNotes } from './order-notes.service.js';
import { OrderNoticesModule } from './order-notices.module.js';
import { OrderPlacement } from './order-placement.service.js';
import { OrderRefunds } from './order-refunds.service.js';
import { Order } from './order.entity.js';
import { OrdersActions } from './orders.actions.js';
import { OrderWorkController } from './order-work.controller.js';
import { OrdersController } from './orders.controller.js';
import { SellerNoticeOutcomes } from './seller-notice-outcomes.js';
import { OrdersService } from './orders.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Order, OrderLine, OrderEvent]),
    OrderNoticesModule,
    AnalyticsModule,
    FlowsModule,
    ProductsModule,
    SellersModule,
  ],
  controllers: [OrdersController, OrderWorkController, OrderMessagesController],
  providers: [
    OrdersService,
    OrderPlacement,
    OrderLifecycle,
    OrderAssignment,
    OrderEdits,
    OrderMessages,
    OrderNotes,
    OrderRefunds,
    OrderExpiry,
    SellerNoticeOutcomes,
    CartService,
    CustomerOrders,
    CartActions,
    OrdersActions,
  ],
  exports: [OrdersService],
})
export class OrdersModule {}
