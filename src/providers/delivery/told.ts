/** SQL: whether any endpoint of the tenant asked for events of this type, so that nobody's are not written. */
export function isWanted(tenantId: string, type: string): string {
  return `exists (select 1 from webhook_endpoint e
    where e.tenant_id = ${tenantId} and e.is_active and '${type}' = any(e.types))`;
}
