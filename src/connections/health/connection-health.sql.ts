import type { ConnectionHealth } from '../path-connection.js';
import { emitEvents } from '../../webhooks/outgoing-events.js';

export type HealthChange = { readonly was: ConnectionHealth; readonly health: ConnectionHealth };

/** A linked device that is open and answers while nothing arrives: only a message that comes proves it well. */
export const SILENT = 'silent';

/** One row when it is news. A first success is none to anybody else. */
export const CHANGE_HEALTH = `
  with old as (
    select id, health from connection where id = $1 and health <> $2 for update
  ), changed as (
    update connection n set health = $2, health_reason = $3, health_at = now() + $4 * interval '1 ms' from old where n.id = old.id
    returning n.id, n.tenant_id, n.bot_id, n.provider, n.name, old.health as was, n.health, n.health_reason
  ), emitted as (${emitEvents({
    type: 'connection.health',
    tenantId: 'c.tenant_id',
    body: `jsonb_build_object('connectionId', c.id, 'botId', c.bot_id,
      'provider', c.provider, 'name', c.name, 'was', c.was, 'health', c.health, 'reason', c.health_reason)`,
    from: 'changed c',
    where: `not (c.was = 'unknown' and c.health = 'up')`,
    orderBy: 'c.id',
  })})
  select was, health, (select count(*) from emitted) as emitted from changed`;

/** Unless somebody decided that it has to wait. */
export const LOOK_NOW = `
  update connection set health_at = null where id = $1 and health = 'degraded' and health_at <= now()`;

export const STANDINGS = `
  select n.provider, n.id as "connectionId", n.health, r.until as "restrictedUntil"
  from connection n left join linked_session s on s.connection_id = n.id
  cross join lateral (select nullif(greatest(n.restricted_until, s.restricted_until, now()), now()) as until) r
  where n.state = 'active'`;

export const RESTRICT = `
  update connection set restricted_until = greatest(restricted_until, now() + $2 * interval '1 ms') where id = $1`;

/** A connection that fails is looked at every few seconds; one that lost its authorisation every few minutes, if one can ask. */
export const TAKE_PROBES = `
  with due as (
    select id from connection
    where state = 'active' and health in ('degraded', 'auth_lost') and health_reason is distinct from '${SILENT}'
      and coalesce(health_at, '-infinity') <= now() - case health
        when 'degraded' then interval '3 seconds' else interval '5 minutes' end
    order by health_at limit $1 for update skip locked
  )
  update connection n set health_at = now() from due where n.id = due.id returning n.id`;
