import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.js';
import { openFilesApp, PATIENCE_MS, type FilesApp } from '../../../test/support/product-files.js';

let files: FilesApp;
beforeAll(async () => {
  files = await openFilesApp();
});
afterAll(() => files.app.close());

const SHIRTS = `sku,parent_sku,name_es,name_en,description_es,options_es,options_en,category,price,images,active,low_stock_at,stock
CAM-M,CAM,,,,M; Azul,M; Blue,,,,true,2,5
CAM,,Camiseta,T-shirt,"De algodón, lavable
a máquina",Talla; Color,Size; Colour,Ropa > Camisetas,249.50,https://fotos.test/1.jpg https://fotos.test/2.jpg,true,0,
CAM-L,CAM,,,,L; Azul,L; Blue,,"299,00",,false,0,0
GOR,,Gorra,,,,,Ropa,150,,,3,12
`;

describe('an import', () => {
  it('makes products, variants, categories and stock, whatever the order of the lines', async () => {
    const by = await files.app.openShop();
    const done = await files.importInto(by, SHIRTS);
    expect(done).toMatchObject({
      state: 'done',
      rowCount: 4,
      doneCount: 4,
      createdCount: 4,
      updatedCount: 0,
      problemCount: 0,
      problems: [],
    });
    const [shirt, cap] = await files.list(by);
    expect(shirt).toMatchObject({
      sku: 'CAM',
      name: { es: 'Camiseta', en: 'T-shirt' },
      description: { es: 'De algodón, lavable\na máquina' },
      category: 'Ropa > Camisetas',
      priceMinor: 24_950,
      onHand: 5,
      optionNames: [
        { es: 'Talla', en: 'Size' },
        { es: 'Color', en: 'Colour' },
      ],
      images: [{ url: 'https://fotos.test/1.jpg' }, { url: 'https://fotos.test/2.jpg' }].map((image) =>
        expect.objectContaining(image),
      ),
    });
    expect(shirt.variants).toMatchObject([
      { sku: 'CAM-L', priceMinor: 29_900, isActive: false, onHand: 0 },
      { sku: 'CAM-M', priceMinor: 24_950, ownPriceMinor: null, onHand: 5, lowStockAt: 2 },
    ]);
    expect(cap).toMatchObject({ sku: 'GOR', isActive: true, lowStockAt: 3, onHand: 12, category: 'Ropa' });
    const { body: stock } = await by.call('GET', `/api/products/${cap.id}/stock`);
    expect(stock.ledger.items).toMatchObject([{ quantity: 12, reason: 'imported' }]);
    expect(await files.list(by, '&text=camiseta%20azul')).toHaveLength(1);
  });

  it('changes nothing when the same file comes again: no row is written, no line added to the ledger', async () => {
    const by = await files.app.openShop();
    await files.importInto(by, SHIRTS);
    const written = async () =>
      (
        await files.app.owner.query(
          `select id, xmin::text, revision from product where tenant_id = $1
           union all select product_id, xmin::text, on_hand from stock_level where tenant_id = $1
           union all select id, xmin::text, 0 from product_category where tenant_id = $1 order by 1, 2`,
          [by.tenantId],
        )
      ).rows;
    const before = await written();
    const again = await files.importInto(by, SHIRTS);
    expect(again).toMatchObject({ state: 'done', createdCount: 0, updatedCount: 0, unchangedCount: 4 });
    expect(await written()).toEqual(before);
  });

  it('writes only what differs, leaves the columns alone that the file does not have, and clears empty cells', async () => {
    const by = await files.app.openShop();
    await files.importInto(by, SHIRTS);
    const changed = await files.importInto(by, 'sku;name_en;price\nCAM;;260\nGOR;;150,00\n');
    expect(changed).toMatchObject({
      state: 'done',
      updatedCount: 1,
      unchangedCount: 1,
      columns: ['sku', 'name_en', 'price'],
    });
    const [shirt, cap] = await files.list(by);
    expect(shirt).toMatchObject({ name: { es: 'Camiseta' }, priceMinor: 26_000, revision: 2, onHand: 5 });
    expect(shirt.name.en).toBeUndefined();
    expect(cap.revision).toBe(1);
  });

  it('exports what it imports: the file of a shop goes into another one, and back into itself without a change', async () => {
    const [one, two] = [await files.app.openShop(), await files.app.openShop()];
    await files.importInto(one, SHIRTS);
    await files.importInto(
      one,
      `sku,name_es,price\nFORMULA,=HYPERLINK("http://mal.test"),1\nAPOSTROFO,'=1+1,1\n@a,-menos,1\n`,
    );
    const file = await files.exportOf(one);
    expect(file).toContain(`"'=HYPERLINK(""http://mal.test"")"`);
    const back = await files.importInto(one, file);
    expect(back).toMatchObject({ state: 'done', createdCount: 0, updatedCount: 0, unchangedCount: 7 });
    expect(await files.importInto(two, file)).toMatchObject({ state: 'done', createdCount: 7 });
    expect(await files.exportOf(two)).toBe(file);
    expect((await files.list(two)).map(({ name }: { name: { es: string } }) => name.es)).toContain(
      '=HYPERLINK("http://mal.test")',
    );
  });

  it('lists on a dry run every bad line with its column and why, and changes nothing', async () => {
    const by = await files.app.openShop();
    await files.importInto(by, SHIRTS);
    const { status, body } = await files.upload(
      by,
      `sku,parent_sku,name_es,options_es,price,category,images,active,low_stock_at,stock
,,Sin código,,10,,,,,
GOR,,Gorra,,1.890.00,,,,,
NUEVO,,,,,A > B > C > D,,,,
GOR,,Otra vez,,10,,,,,
MAL,,Mal,,10,,ftp://x.test,quizá,-1,1.5
HUERFANO,NADIE,,M; Azul,,,,,,
CAM-XL,CAM,Con nombre,XL,,,,,,
CAM-OTRA,CAM,,XS; Azul,,,,,,
CAM-MAS,CAM,,XS; Azul,,,,,,
CAM,,Camiseta,Talla,10,,,,,9
CAM-M,,Suelta,,10,,,,,
GOR-S,GOR,,S,,,,,,
corta,,x
`,
      '?dryRun=true',
    );
    expect([status, body.state, body.isDryRun]).toEqual([202, 'checked', true]);
    const told = body.problems.map(({ line, column, reason }: { line: number; column: string; reason: string }) => [
      line,
      column,
      reason,
    ]);
    expect(told).toEqual([
      [2, 'sku', 'Falta'],
      [3, 'price', 'No es un precio; escríbelo así: 189.00'],
      [4, 'category', 'Máximo 3 niveles'],
      [5, 'sku', 'El SKU ya está en la línea 3'],
      [6, 'low_stock_at', 'No es un número entero de 0 a 1000000'],
      [6, 'images', 'No es una dirección http(s): ftp://x.test'],
      [6, 'active', 'Escribe true o false'],
      [6, 'stock', 'No es un número entero de 0 a 1000000'],
      [7, 'parent_sku', 'No hay un producto NADIE'],
      [8, 'name_es', 'Déjalo vacío: lo pone el producto CAM'],
      [8, 'options_es', 'El producto tiene 2 opciones, y la variante un valor de cada una'],
      [10, 'options_es', 'La variante CAM-OTRA tiene las mismas opciones'],
      [11, 'options_es', 'Tiene variantes con 2 opciones; el número ya no cambia'],
      [12, 'parent_sku', 'Es una variante: escribe aquí el SKU de su producto'],
      [14, '', 'La línea tiene otro número de celdas que el encabezado: 3 ≠ 10'],
    ]);
    expect(body.problemCount).toBe(15);
    const page = await by.call('GET', `/api/products/imports/${body.id}/problems?limit=10`);
    const rest = await by.call(
      'GET',
      `/api/products/imports/${body.id}/problems?limit=10&cursor=${page.body.nextCursor}`,
    );
    expect([...page.body.items, ...rest.body.items]).toEqual(body.problems);
    expect((await files.list(by)).map(({ sku }: { sku: string }) => sku)).toEqual(['CAM', 'GOR']);
  });

  it('says on a dry run what would change', async () => {
    const by = await files.app.openShop();
    await files.importInto(by, SHIRTS);
    const { body } = await files.upload(
      by,
      'sku,name_es,price\nGOR,Gorra,150\nCAM,Camisa,1\nNUEVO,Nuevo,1\n',
      '?dryRun=true',
    );
    expect(body).toMatchObject({ state: 'checked', createdCount: 1, updatedCount: 1, unchangedCount: 1, problems: [] });
    expect((await files.list(by)).map(({ name }: { name: { es: string } }) => name.es)).toEqual(['Camiseta', 'Gorra']);
  });

  it('is all or nothing: one bad line and none of the good ones is in', async () => {
    const by = await files.app.openShop();
    const failed = await files.importInto(by, 'sku,name_es,price,category\nBIEN,Bien,1,Nueva\nMAL,Mal,cuatro,\n');
    expect(failed).toMatchObject({ state: 'failed', problems: [{ line: 3, column: 'price' }] });
    const refused = await files.importInto(by, 'sku,name_es,price\nBIEN,Bien,1\nSIN-NOMBRE,,1\n');
    expect(refused).toMatchObject({ state: 'failed', problems: [{ line: 3, column: 'name_es', reason: 'Falta' }] });
    expect(await files.list(by)).toEqual([]);
    expect((await by.call('GET', '/api/product-categories')).body.items).toEqual([]);
  });

  it('never takes stock away from carts, and tells which line wanted to', async () => {
    const by = await files.app.openShop();
    await files.importInto(by, 'sku,name_es,price,stock\nA,A,1,10\nB,B,1,10\n');
    await files.app.owner.query(
      `insert into stock_hold (tenant_id, product_id, holder, quantity, expires_at)
       select tenant_id, id, 'cart:x', 4, now() + interval '1 hour' from product where tenant_id = $1 and sku = 'B'`,
      [by.tenantId],
    );
    const failed = await files.importInto(by, 'sku,stock\nA,1\nB,3\n');
    expect(failed.problems).toEqual([{ line: 3, column: 'stock', reason: 'Hay 4 unidades apartadas en carritos' }]);
    expect((await files.list(by)).map(({ onHand }: { onHand: number }) => onHand)).toEqual([10, 10]);
    expect(await files.importInto(by, 'sku,stock\nA,1\nB,4\n')).toMatchObject({ state: 'done', unchangedCount: 2 });
    expect((await files.list(by)).map(({ onHand }: { onHand: number }) => onHand)).toEqual([1, 4]);
  });

  it(
    'takes 10,000 lines, tells how far it is, and the second time writes nothing',
    { timeout: 2.5 * PATIENCE_MS },
    async () => {
      const by = await files.app.openShop();
      // Statistics that know every business but this one, which has Postgres expect one row of it everywhere.
      await files.app.owner.query('analyze');
      const lines = Array.from(
        { length: 10_000 },
        (_, at) =>
          `SKU-${at},Producto número ${at},Una descripción de ${at},Estante ${at % 40},${at % 900}.50,${at % 7}`,
      );
      const file = `sku,name_es,description_es,category,price,stock\n${lines.join('\n')}\n`;
      const begun = performance.now();
      const { body } = await files.upload(by, file);
      const seen = new Set<number>();
      const done = await until(
        'the import to end',
        async () => {
          const answer = await by.call('GET', `/api/products/imports/${body.id}`);
          seen.add(answer.body.doneCount);
          return answer.body.finishedAt === null ? null : answer.body;
        },
        PATIENCE_MS,
      );
      const firstMs = performance.now() - begun;
      expect(done).toMatchObject({ state: 'done', createdCount: 10_000, doneCount: 10_000 });
      expect(seen.size).toBeGreaterThan(1);
      const again = performance.now();
      expect(await files.importInto(by, file)).toMatchObject({ updatedCount: 0, unchangedCount: 10_000 });
      console.log(`10,000 lines: ${Math.round(firstMs)} ms new, ${Math.round(performance.now() - again)} ms unchanged`);
      const { rows } = await files.app.owner.query(
        'select count(*)::int as n from stock_movement where tenant_id = $1',
        [by.tenantId],
      );
      expect(rows[0].n).toBe(lines.filter((_, at) => at % 7 > 0).length);
    },
  );
});
