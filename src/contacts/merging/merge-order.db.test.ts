import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPathShop, type Shop } from '../../../test/support/message-path.js';
import { openMergeKit, type MergeKit } from '../../../test/support/merge.js';

let kit: MergeKit;
let shop: Shop;

beforeAll(async () => {
  kit = await openMergeKit();
});
afterAll(() => kit.path.close());
beforeEach(async () => {
  kit.path.reset();
  shop = await openPathShop(kit.path.db);
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}

describe('one person under several names', () => {
  const arrivals = ['lid', 'tel', 'mapping', 'bsuid', 'tel+bsuid'] as const;

  it.each([
    ['answered at the end', false],
    ['answered after each', true],
  ])(
    'INV-3: is one contact with one conversation in order, whatever arrives first: %s',
    async (_, isPrompt) => {
      let n = 0;
      for (const order of permutations(arrivals)) {
        const here = await openPathShop(kit.path.db);
        n += 1;
        for (const arrival of order) {
          if (arrival === 'mapping') await kit.map(here, n);
          else await kit.say(here, n, arrival, arrival.split('+') as ('tel' | 'lid' | 'bsuid')[]);
          if (isPrompt) await kit.path.runTurns();
          await kit.mergeAll();
        }
        const label = order.join(' ');
        const contacts = await kit.rows<{ id: string; phone: string }>(
          'select * from contact where tenant_id = $1',
          here.tenantId,
        );
        expect(contacts, label).toHaveLength(1);
        expect(contacts[0]?.phone, label).toBe(`+57300${String(n).padStart(7, '0')}`);
        const talks = await kit.talksOf(here.tenantId);
        expect(talks, label).toHaveLength(1);
        expect(talks[0]?.contact_id).toBe(contacts[0]?.id);
        const said = order.filter((arrival) => arrival !== 'mapping');
        if (!isPrompt) expect(await kit.textsOf(talks[0]?.id ?? ''), label).toEqual(said);
        await kit.path.runTurns();
        const sent = await kit.rows<{ text: string }>(
          `select body->>'text' as text from outbox where conversation_id = $1 order by id`,
          talks[0]?.id,
        );
        expect(
          sent.map(({ text }) => text),
          label,
        ).toEqual(said.map((text) => `eco ${text}`));
        const names = await kit.rows<{ value: string }>(
          'select value from contact_identity where tenant_id = $1 order by value',
          here.tenantId,
        );
        expect(
          names.map(({ value }) => value.split(':')[0]),
          label,
        ).toEqual(['bsuid', 'lid', 'tel']);
        expect(await kit.rows('select 1 from identity_link where tenant_id = $1', here.tenantId), label).toEqual([]);
      }
    },
    120_000,
  );

  it('INV-8: of two tenants stays two', async () => {
    const other = await openPathShop(kit.path.db);
    await kit.say(other, 1, 'hola', ['lid']);
    await kit.say(shop, 1, 'hola', ['tel']);
    await kit.map(shop, 1);
    await kit.mergeAll();
    await kit.say(shop, 1, 'otra', ['lid']);
    expect((await kit.talksOf(other.tenantId)).length + (await kit.talksOf(shop.tenantId)).length).toBe(2);
    const [mine] = await kit.talksOf(shop.tenantId);
    expect(await kit.textsOf(mine?.id ?? '')).toEqual(['hola', 'otra']);
  });

  it('loses and doubles nothing while messages come in under both', async () => {
    for (let round = 0; round < 5; round += 1) {
      const n = 100 + round;
      await kit.say(shop, n, 'first', ['lid']);
      const all = Array.from({ length: 12 }, (_, at) => kit.say(shop, n, `m${at}`, [at % 2 ? 'lid' : 'tel']));
      const linking = [kit.map(shop, n), kit.map(shop, n)];
      const turns = kit.path.runTurns();
      await Promise.all([...all, ...linking, turns]);
      await kit.map(shop, n);
      await kit.path.runTurns();
    }
    await kit.mergeAll();
    const talks = await kit.talksOf(shop.tenantId);
    expect(talks).toHaveLength(5);
    for (const { id } of talks) {
      const said = (await kit.textsOf(id)).toSorted();
      expect(said).toEqual(['first', ...Array.from({ length: 12 }, (_, at) => `m${at}`)].toSorted());
      const sent = await kit.rows<{ text: string }>(
        `select body->>'text' as text from outbox where conversation_id = $1`,
        id,
      );
      expect(sent.map(({ text }) => text).toSorted()).toEqual(said.map((text) => `eco ${text}`));
    }
  });
});
