import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError, USE_OWN_DATABASE } from './embedded-postgres.errors.js';
import { ignoreMissing } from './ignore-missing.js';
import { readPostmasterPid, stopOrphan } from './orphan-server.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import { SERVER_ENV, type FolderArgument } from './postgres-cluster.js';
import type { ServerUser } from './server-user.js';

const POLL_MS = 10;
const PROGRESS_MS = 5_000;
const RESTART_DELAY_MS = 1_000;
const LOG_LIMIT_BYTES = 5_000_000;
const LOG_LINES_SHOWN = 8;

/** A polite request first: it writes a checkpoint, which a slow disk may take a while over. */
const STOP_STEPS = [
  { signal: 'SIGINT', withinMs: 30_000 },
  { signal: 'SIGQUIT', withinMs: 10_000 },
  { signal: 'SIGKILL', withinMs: 10_000 },
] as const;

export type ServerSettings = Readonly<Record<string, string>>;

export type ServerPlan = {
  /** Holds the cluster, the server's log and its file. */
  readonly folder: string;
  readonly cluster: string;
  readonly at: FolderArgument;
  readonly user: ServerUser;
  readonly binaries: PostgresBinaries;
  readonly settings: ServerSettings;
  readonly onProgress: (line: string) => void;
};

/** One server process, kept alive until it is stopped. */
export class PostgresServer {
  private child: ChildProcess | undefined;
  private isWanted = false;
  private readonly stopWithUs = (): void => void this.child?.kill('SIGINT');

  constructor(
    private readonly plan: ServerPlan,
    readonly port: number,
  ) {}

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** @throws EmbeddedPostgresError with the end of the server's own log */
  async start(): Promise<void> {
    this.isWanted = true;
    process.once('exit', this.stopWithUs);
    await this.launch();
  }

  async stop(): Promise<void> {
    this.isWanted = false;
    process.off('exit', this.stopWithUs);
    const { child } = this;
    for (const { signal, withinMs } of STOP_STEPS) {
      if (!child || hasEnded(child)) return;
      this.send(child, signal);
      await Promise.race([once(child, 'exit'), delay(withinMs, undefined, { ref: false })]);
    }
  }

  private async launch(): Promise<void> {
    const log = await openLog(join(this.plan.folder, 'postgres.log'));
    try {
      const child = this.spawnOnto(log.handle.fd);
      await once(child, 'spawn');
      this.child = child;
      await this.untilReady(child, log);
      child.once('exit', (code, signal) => void this.revive(signal ?? `exit code ${code}`));
    } finally {
      await log.handle.close();
    }
  }

  private spawnOnto(logFd: number): ChildProcess {
    const { at, binaries, settings, user } = this.plan;
    const given = { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: String(this.port), ...settings };
    const flags = Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    return spawn(binaries.postgres, ['-D', at.argument, ...flags], {
      ...user,
      cwd: at.cwd,
      env: SERVER_ENV,
      stdio: ['ignore', logFd, logFd],
      // Ctrl-C goes to the whole group of the terminal; the server must outlive our last transactions.
      detached: true,
      windowsHide: true,
    });
  }

  private async untilReady(child: ChildProcess, log: ServerLog): Promise<void> {
    let nextReportAt = Date.now() + PROGRESS_MS;
    while (!hasEnded(child)) {
      const file = await readPostmasterPid(this.plan.cluster);
      if (file?.pid === child.pid && file?.isReady) return;
      if (Date.now() > nextReportAt) {
        nextReportAt += PROGRESS_MS;
        this.plan.onProgress('Postgres is bringing its data up to date after a crash');
      }
      await delay(POLL_MS);
    }
    const said = (await readFile(log.path)).subarray(log.startsAt).toString('utf8').trim().split('\n');
    throw new EmbeddedPostgresError(
      `Postgres did not start. ${USE_OWN_DATABASE} It said:\n${said.slice(-LOG_LINES_SHOWN).join('\n')}`,
    );
  }

  private async revive(reason: string): Promise<void> {
    while (this.isWanted) {
      this.plan.onProgress(`Postgres ended on its own (${reason}); starting it again`);
      await delay(RESTART_DELAY_MS);
      if (!this.isWanted) return;
      try {
        await stopOrphan(this.plan.cluster);
        return await this.launch();
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
    }
  }

  private send(child: ChildProcess, signal: NodeJS.Signals): void {
    if (process.platform !== 'win32') return void child.kill(signal);
    // Windows knows no signals, and ending the process there would be a crash.
    const mode = signal === 'SIGINT' ? 'fast' : 'immediate';
    spawn(this.plan.binaries.pgCtl, ['stop', '-D', this.plan.cluster, '-m', mode]);
  }
}

type ServerLog = {
  readonly path: string;
  readonly handle: Awaited<ReturnType<typeof open>>;
  readonly startsAt: number;
};

async function openLog(path: string): Promise<ServerLog> {
  const size = (await stat(path).catch(ignoreMissing))?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) await rename(path, `${path}.1`);
  const handle = await open(path, 'a', 0o600);
  return { path, handle, startsAt: (await handle.stat()).size };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
