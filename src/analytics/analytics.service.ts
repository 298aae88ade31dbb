import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { WINDOWS, type MetricsQuery, type MetricsView } from './analytics.dto.js';
import { MessageLog } from './message-log.js';

const HOUR_MS = 3_600_000;

@Injectable()
export class AnalyticsService {
  constructor(
    private readonly log: MessageLog,
    private readonly clock: Clock,
  ) {}

  /** The KPIs of a window that ends now, each computed from the log alone (INV-12). */
  async metrics(tenantId: TenantId, { window }: MetricsQuery): Promise<MetricsView> {
    const to = this.clock.now();
    const from = new Date(to.getTime() - WINDOWS[window] * HOUR_MS);
    const figures = await this.log.figures(tenantId, from, to);
    return {
      window,
      from: from.toISOString(),
      to: to.toISOString(),
      messagesIn: figures.messagesIn,
      messagesOut: figures.messagesOut,
      errorRate: share(figures.messagesFailed, figures.messagesFailed + figures.messagesOut),
      notices: figures.notices,
      noticesFailed: figures.noticesFailed,
      responseTime: {
        meanMs: figures.responseMeanMs,
        p50Ms: figures.responseP50Ms,
        p95Ms: figures.responseP95Ms,
      },
      conversations: figures.conversations,
      conversions: figures.conversions,
      conversionRate: share(figures.conversions, figures.conversations),
      orders: figures.orders,
      revenue: figures.revenue,
    };
  }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
