import { Inject, Injectable } from '@nestjs/common';
import { ENV, type Env } from '../config/env.js';
import { Wake } from '../wake.js';
import { WorkerLoop, type LoopSettings } from './worker-loop.js';

/** Every loop of the process. A class adds its own when it is made; they start last and stop first, all at once. */
@Injectable()
export class Loops {
  private readonly added: { readonly group: string | undefined; readonly loop: WorkerLoop }[] = [];

  constructor(
    @Inject(ENV) private readonly env: Pick<Env, 'loops'>,
    private readonly wake: Wake,
  ) {}

  add(settings: LoopSettings): WorkerLoop {
    const loop = new WorkerLoop(settings, this.wake);
    this.added.push({ group: settings.group, loop });
    return loop;
  }

  /** A loop that its owner starts and stops. */
  makeOwn(settings: LoopSettings): WorkerLoop {
    return new WorkerLoop(settings, this.wake);
  }

  /** Those that this process's role runs. */
  start(): void {
    for (const { group, loop } of this.added) if (group === undefined || this.env.loops.has(group)) loop.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.added.map(({ loop }) => loop.stop()));
  }

  /** What roles have to name for every loop to run somewhere. */
  get groups(): ReadonlySet<string> {
    return new Set(this.added.flatMap(({ group }) => group ?? []));
  }
}
