import { Column, Entity, PrimaryColumn } from 'typeorm';
import { safeInteger } from '../platform/database/safe-integer.js';

/** What was bought, named and priced as it was at that moment. */
@Entity('order_line')
export class OrderLine {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('uuid', { name: 'order_id' })
  orderId!: string;

  @Column('uuid', { name: 'product_id' })
  productId!: string;

  @Column('text')
  sku!: string;

  @Column('text')
  name!: string;

  @Column('int')
  quantity!: number;

  @Column('bigint', { name: 'unit_price_minor', transformer: safeInteger })
  unitPriceMinor!: number;

  @Column('bigint', { name: 'total_minor', transformer: safeInteger })
  totalMinor!: number;
}
