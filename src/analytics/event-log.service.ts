import { Injectable } from '@nestjs/common';

/** What the numbers are made of. Written in the transaction that makes it true, so the log can lack or invent nothing. */
export type LogEvent = { readonly tenantId: string; readonly botId: string | null; readonly at: Date } & (
  | { readonly kind: 'message.in'; readonly body: { conversationId: string; type: string; isLate: boolean } }
  | {
      readonly kind: 'message.out';
      /** responseMs: from the inbound message's receipt to the provider's acceptance of the first answer to it. */
      readonly body: {
        conversationId: string;
        outboxId: string;
        /** Tells a seller or a customer something outside any conversation: no answer, and no message of a talk. Absent: false. */
        isNotice?: boolean;
        outcome: 'sent' | 'failed' | 'unknown';
        responseMs: number | null;
        provider: string;
        errorClass?: string;
      };
    }
  | {
      readonly kind: 'order.placed';
      readonly body: { orderId: string; totalMinor: number; currency: string; conversationId: string | null };
    }
  | { readonly kind: 'order.state'; readonly body: { orderId: string; from: string; to: string } }
  | {
      readonly kind: 'handoff';
      readonly body: {
        conversationId: string;
        by: 'flow' | 'person' | 'parked' | 'echo' | 'unknown_send' | 'send_failed' | 'unreadable' | 'late';
        /** Whom the flow asked for. What it says to them stays out of the log. */
        team: string | null;
      };
    }
  | { readonly kind: 'session.started'; readonly body: { conversationId: string } }
  | { readonly kind: 'session.ended'; readonly body: { conversationId: string; outcome: string } }
);

/** Anything that runs SQL inside the caller's transaction: a `pg` client or TypeORM's manager. */
export type SqlRunner = { query(sql: string, params: unknown[]): Promise<unknown> };

@Injectable()
export class EventLogService {
  /** Appends within the caller's transaction; the shipper carries the rows to the message log after the commit. */
  async append(tx: SqlRunner, events: readonly LogEvent[]): Promise<void> {
    if (events.length === 0) return;
    await tx.query(
      `insert into log_event (tenant_id, kind, bot_id, at, body)
       select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[], $5::jsonb[])`,
      [
        events.map(({ tenantId }) => tenantId),
        events.map(({ kind }) => kind),
        events.map(({ botId }) => botId),
        events.map(({ at }) => at),
        events.map(({ body }) => JSON.stringify(body)),
      ],
    );
  }
}
