import { createDashOfficeClient, dataOf } from './client.js';

/** Never run: the compiler is the test. Each `@ts-expect-error` is a mistake that it must find. */
export async function typed(): Promise<void> {
  const client = createDashOfficeClient({ baseUrl: 'http://localhost:4009', token: 'dok_…' });

  const { data, error } = await client.GET('/api/bots/{id}', { params: { path: { id: 'x' } } });
  data?.name satisfies string | undefined;
  if (error?.status === 404) error.code satisfies string;
  // @ts-expect-error no operation answers with this code
  if (error?.code === 'no_such_code') return;
  // @ts-expect-error a bot has no such member
  void data?.nickname;

  // @ts-expect-error there is no such path
  await client.GET('/api/robots');
  // @ts-expect-error the path has a parameter
  await client.GET('/api/bots/{id}');
  // @ts-expect-error a bot needs a name
  await client.POST('/api/bots', { body: { locale: 'es' } });
  // @ts-expect-error no bot speaks French
  await client.POST('/api/bots', { body: { name: 'Uno', locale: 'fr' } });
  // @ts-expect-error no such filter
  await client.GET('/api/orders', { params: { query: { colour: 'red' } } });

  const orders = dataOf(await client.GET('/api/orders', { params: { query: { state: 'placed' } } }));
  orders.items.map(({ totalMinor }) => totalMinor) satisfies number[];
}
