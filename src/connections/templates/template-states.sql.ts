/** The provider sends none of it in these states. */
export const TEMPLATE_TROUBLE = ['REJECTED', 'PAUSED', 'DISABLED', 'PENDING_DELETION', 'DELETED'];

/**
 * Whether bot `b` sends the template: for free text that may not go, or in the flow `v` it runs. A flow that names no
 * language sends the customer's.
 */
function isUsed(name: string, language: string): string {
  return `(
    (b.window_template ->> 'name' = ${name} and b.window_template ->> 'language' = ${language})
    or jsonb_path_exists(v.document,
      '$.**.template ? (@.name == $name && (!exists(@.language) || @.language == $language))',
      jsonb_build_object('name', ${name}, 'language', ${language})))`;
}

const BOTS = `
  join bot b on b.id = n.bot_id and b.tenant_id = n.tenant_id
  left join flow_version v on v.id = b.active_version_id and v.tenant_id = b.tenant_id`;

/** Of the account $2, whose bots use the template $3 in the language $4. Locked: events of one keep their order. */
export const CONNECTIONS_WITH_TEMPLATE = `
  select n.id as "connectionId", n.bot_id as "botId" from connection n ${BOTS}
  where n.tenant_id = $1 and n.account_id = $2 and ${isUsed('$3::text', '$4::text')}
  order by n.id for no key update of n`;

/** Templates in trouble that the bot $2 uses, by connection; $3 are the states that are trouble. */
export const TEMPLATE_PROBLEMS = `
  select n.id as "connectionId", t.name, t.language, t.status, t.reason, t.noticed_at as "noticedAt"
  from connection n ${BOTS}
  join template_state t on t.tenant_id = n.tenant_id and t.account_id = n.account_id and t.status = any($3::text[])
  where n.tenant_id = $1 and n.bot_id = $2 and ${isUsed('t.name', 't.language')}
  order by t.noticed_at desc, t.name, t.language`;

/** What a notice does not tell stays; a new status takes its own reason along. */
export const KEEP_NOTICE = `
  insert into template_state as t
    (tenant_id, account_id, name, language, status, quality, category, reason, noticed_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  on conflict (tenant_id, account_id, name, language) do update set
    status = coalesce(excluded.status, t.status),
    quality = coalesce(excluded.quality, t.quality),
    category = coalesce(excluded.category, t.category),
    reason = case when excluded.status is null then t.reason else excluded.reason end,
    noticed_at = excluded.noticed_at`;

/** The provider's list is newer than what was noticed before it was asked. */
export const REFRESH = `
  update template_state t set status = l.status, reason = l.reason, quality = l.quality, category = l.category
  from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
    as l (name, language, status, quality, category, reason)
  where t.tenant_id = $1 and t.account_id = $2 and t.noticed_at < $3
    and t.name = l.name and t.language = l.language 
    and (t.status, t.quality, t.category) is distinct from (l.status, l.quality, l.category)`;
