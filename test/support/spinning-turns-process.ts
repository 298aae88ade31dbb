import { Counter, Gauge, Histogram } from 'prom-client';
import { ConversationMetrics } from '../../src/conversations/conversations.metrics.js';
import { ReadModel } from '../../src/conversations/turns/read-model.js';
import { Suspects } from '../../src/conversations/turns/suspects.js';
import { TurnBatch } from '../../src/conversations/turns/turn-batch.js';
import { TurnEngine, type EngineInput, type EngineOutput } from '../../src/conversations/turns/turn-engine.js';
import { TurnLoop } from '../../src/conversations/turns/turn-loop.js';
import { SystemClock } from '../../src/platform/clock.js';
import { readEnv } from '../../src/platform/config/env.js';
import { PathPool } from '../../src/platform/database/path-pool.js';
import { LiveEvents } from '../../src/platform/live-events.js';
import { Loops } from '../../src/platform/loops/loops.js';
import { RedisClients } from '../../src/platform/redis.js';
import { Wake } from '../../src/platform/wake.js';
import { ROLES } from '../../src/roles.js';

/** Says so and never comes back when a customer writes `gira`; answers everybody else. */
class SpinningEngine extends TurnEngine<string> {
  async load(versionId: string): Promise<string> {
    return versionId;
  }

  run({ event }: EngineInput<string>): EngineOutput {
    const text = event.kind === 'message' ? event.content.text : '';
    if (text === 'gira') {
      process.send?.('spinning');
      for (;;);
    }
    return {
      state: {},
      isRunning: true,
      mode: 'bot',
      handoff: null,
      effects: [{ kind: 'send', content: { kind: 'text', text: `eco ${text}` }, resend: 'auto' }],
      wakeAtMs: null,
      outcome: null,
      fault: null,
      isUnread: false,
    };
  }

  isAwaitingEffect(): boolean {
    return false;
  }

  isHandedOver(): boolean {
    return false;
  }
}

/** The turns of an installation, and nothing else of it. */
const env = readEnv(process.env, ROLES);
const path = new PathPool(env.databaseUrl ?? '');
const metrics = new ConversationMetrics(
  new Counter({ name: 'turns', help: '-', labelNames: ['result'] }),
  new Histogram({ name: 'batches', help: '-' }),
  new Counter({ name: 'problems', help: '-', labelNames: ['problem'] }),
  new Gauge({ name: 'oldest', help: '-' }),
  new Gauge({ name: 'spool', help: '-' }),
);
const live = new LiveEvents();
const suspects = new Suspects(path, live);
const readModel = new ReadModel(new RedisClients(env), metrics, live);
const batch = new TurnBatch(path, new SystemClock(), new SpinningEngine(), suspects, readModel);
const wake = new Wake();
const loops = new Loops(env, wake);
Reflect.construct(TurnLoop, [loops, batch, suspects, wake, metrics]);
loops.start();
