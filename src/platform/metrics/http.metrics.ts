import { Histogram } from 'prom-client';

/** By route template, never by path: a path would carry ids and grow without end. */
const requests = new Histogram({
  name: 'dashoffice_http_request_duration_seconds',
  help: 'Time to answer a request',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
});

export function observeRequest(method: string, route: string | undefined, status: number, durationMs: number): void {
  requests.observe({ method, route: route ?? 'unknown', status: String(status) }, durationMs / 1000);
}
