import { Histogram } from 'prom-client';

/** By route template, never by path, and by class of status: every series is kept for as long as the process lives. */
const requests = new Histogram({
  name: 'dashoffice_http_request_duration_seconds',
  help: 'Time to answer a request',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.01, 0.05, 0.1, 0.25, 1, 2.5, 10],
});

export function observeRequest(method: string, route: string | undefined, status: number, durationMs: number): void {
  requests.observe({ method, route: route ?? 'unknown', status: `${Math.trunc(status / 100)}xx` }, durationMs / 1000);
}
