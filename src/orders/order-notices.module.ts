import { Module } from '@nestjs/common';
import { OrderNotices } from './order-notices.js';

/** By itself, so that whoever tells people of orders need not bring the orders along. */
@Module({ providers: [OrderNotices], exports: [OrderNotices] })
export class OrderNoticesModule {}
