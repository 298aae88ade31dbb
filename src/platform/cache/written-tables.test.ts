import { describe, expect, it } from 'vitest';
import { writtenTables } from './written-tables.js';

describe('the tables a statement writes', () => {
  it.each([
    ['INSERT INTO "bot"("id") VALUES ($1)', ['bot']],
    ['UPDATE "product" SET "name" = $1 WHERE "id" = $2', ['product']],
    ['delete from only order_line where id = $1', ['order_line']],
    ['select * from bot where name = $1', []],
    [
      `with gone as (delete from stock_hold where holder = $1 returning *)
       insert into stock_movement (quantity) select quantity from gone`,
      ['stock_hold', 'stock_movement'],
    ],
    ['merge into product p using x on x.sku = p.sku when matched then update set name = x.name', ['product', 'set']],
  ])('%s', (sql, tables) => {
    expect(writtenTables(sql)).toEqual(tables);
  });

  it('takes no column for a table', () => {
    expect(writtenTables('select updated_at, insert_count from bot')).toEqual([]);
  });
});
