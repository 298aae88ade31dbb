/**
 * SQL for the statement that stores inbound messages: a file to be fetched for every message that comes with one, in the
 * same commit, so that none is forgotten. Reads `taken(tenant_id, connection_id, dedupe_key, body)`. An edit repeats the
 * file of what it edits.
 */
export const KEEP_FILES = `
  insert into media (tenant_id, origin, state, mime_type, filename, connection_id, message_key, provider_media)
  select t.tenant_id, 'customer', 'waiting',
         lower(coalesce(nullif(trim(split_part(t.body #>> '{media,mimeType}', ';', 1)), ''), 'application/octet-stream')),
         left(t.body #>> '{media,filename}', 240), t.connection_id, t.dedupe_key, t.body -> 'media'
    from taken t
   where t.body #>> '{media,id}' <> '' and coalesce(t.body ->> 'type', t.body ->> 'kind', '') <> 'edit'
   order by t.connection_id, t.dedupe_key
  on conflict (connection_id, message_key) where connection_id is not null do nothing`;
