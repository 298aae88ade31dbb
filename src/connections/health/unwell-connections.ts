import type { PathPool } from '../../platform/database/path-pool.js';

/** How many active connections of a provider are not well; figures only, for whoever may ask is nobody's tenant (INV-8). */
export type UnwellConnections = {
  readonly provider: string;
  readonly active: number;
  readonly degraded: number;
  readonly lost: number;
};

/** Of the providers that have some. */
export function unwellConnections(path: PathPool): Promise<UnwellConnections[]> {
  return path.query<UnwellConnections>(`
    select provider, count(*)::int as active, (count(*) filter (where health = 'degraded'))::int as degraded,
      (count(*) filter (where health = 'auth_lost'))::int as lost
    from connection where state = 'active' group by provider
    having count(*) filter (where health in ('degraded', 'auth_lost')) > 0`);
}
