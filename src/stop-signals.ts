const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A second Ctrl-C that comes this long after the first is a person's, not npm passing the first one on. */
const IMPATIENT_AFTER_MS = 2_000;
const PARENT_CHECK_MS = 500;

/**
 * Calls `stop` once: at the first signal, closing the terminal included, or when the npm that started this process was
 * killed. Whoever signals again after two seconds ends the process as it stands.
 */
export function onceToldToStop(stop: () => void): void {
  let firstAtMs: number | null = null;
  const take = () => {
    if (firstAtMs === null) {
      firstAtMs = performance.now();
      stop();
    } else if (performance.now() - firstAtMs > IMPATIENT_AFTER_MS) {
      process.stderr.write('Stopping at once; the next start cleans up.\n');
      process.kill(process.pid, 'SIGKILL');
    }
  };
  for (const signal of SIGNALS) process.on(signal, take);
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    if (firstAtMs === null) take();
  }, PARENT_CHECK_MS).unref();
}
