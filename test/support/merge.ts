import { openMessagePath, makeEvent, type Shop } from './message-path.js';
import { ContactIdentityService } from '../../src/contacts/contact-identity.service.js';
import { DueMerges } from '../../src/contacts/merging/due-merges.js';
import { Loops } from '../../src/platform/loops/loops.js';

export type MergeKit = Awaited<ReturnType<typeof openMergeKit>>;

/** People who write under a number, a hidden id or a business-scoped one, and what is known of them. */
export async function openMergeKit() {
  const path = await openMessagePath();
  const identities = new ContactIdentityService(path.db.tenants);
  const merges = new DueMerges(path.db.path, identities, new Loops(path.env, path.wake));
  const rows = async <T extends object>(sql: string, ...params: unknown[]): Promise<T[]> =>
    (await path.db.owner.query<T>(sql, params)).rows;
  const digitsOf = (n: number) => `57300${String(n).padStart(7, '0')}`;
  return {
    path,
    rows,
    /** One message of the person `n`, under these of their names. */
    say: (of: Shop, n: number, text: string, names: readonly ('tel' | 'lid' | 'bsuid')[]) => {
      const digits = digitsOf(n);
      const keys = { tel: `tel:${digits}`, lid: `lid:9${digits}`, bsuid: `bsuid:CO.a${digits}` };
      const phone = names.includes('tel') ? `+${digits}` : null;
      const identities = names.map((name) => keys[name]);
      return path.ingest.ingest([makeEvent(of, { text, identities, address: phone ? digits : `9${digits}`, phone })]);
    },
    /** Their number and their hidden id are told to be one person's. */
    map: (of: Shop, n: number) =>
      identities.link(of.tenantId, [`tel:${digitsOf(n)}`, `lid:9${digitsOf(n)}`], `+${digitsOf(n)}`),
    mergeAll: async () => {
      while ((await merges.runOnce()) > 0);
    },
    talksOf: (tenantId: string) =>
      rows<{ id: string; contact_id: string }>('select * from conversation where tenant_id = $1', tenantId),
    textsOf: async (conversationId: string) => {
      const sql = `select body->>'text' as text from inbox where conversation_id = $1 order by seq`;
      return (await rows<{ text: string }>(sql, conversationId)).map(({ text }) => text);
    },
  };
}
