import { Injectable, Logger } from '@nestjs/common';
import type pg from 'pg';
import { Clock } from '../../platform/clock.js';
import { isTooSlow } from '../../platform/database/connection-errors.js';
import { PathPool } from '../../platform/database/path-pool.js';
import { toStorableJson } from '../../messages/storable.js';
import { isOfTheMoment } from '../inbox/store-errors.js';
import type { HandedOver } from '../handover/hand-over.js';
import type { BatchResult, Claimed, Decision, UnreadRow } from './claimed.js';
import { ConversationTurns, MAX_FAILS } from './conversation-turns.js';
import { ReadModel } from './read-model.js';
import { Suspects } from './suspects.js';
import { TurnEngine } from './turn-engine.js';
import { fitToConnections } from './fit-to-connections.js';
import { CLAIM, CLAIM_ONE, COUNT_TRY, GIVE_UP, READ_RESULTS, READ_UNREAD, UNREAD_LIMIT, WRITE } from './turn-sql.js';

type Work = {
  readonly decisions: readonly Decision[];
  readonly claimed: readonly Claimed[];
  readonly handedOver: readonly HandedOver[];
};
/** What a transaction of turns has come to, for who has to judge how it failed. */
type Attempt = { claimed: readonly Claimed[]; beganMs: number | null };

/**
 * After this long a batch is committed as far as it is: whoever comes next does not wait for thirty-two heavy turns, and
 * no batch outlives its transaction.
 */
const MAX_BATCH_MS = 100;

/** One claim, the turns of what it took, and their commit: one transaction (INV-3, INV-4). */
@Injectable()
export class TurnBatch {
  private readonly logger = new Logger('Turns');

  constructor(
    private readonly path: PathPool,
    private readonly clock: Clock,
    private readonly engine: TurnEngine,
    private readonly suspects: Suspects,
    private readonly readModel: ReadModel,
  ) {}

  /** @throws Postgres is down or short of something: the turns stay due */
  async run(worker: string): Promise<BatchResult> {
    const attempt: Attempt = { claimed: [], beganMs: null };
    try {
      const claim = { name: 'turn-claim', text: CLAIM, values: [this.clock.now()] };
      return this.committed(await this.transact(worker, claim, attempt));
    } catch (error) {
      const hasOutlived = this.hasOutlived(error, attempt);
      if (!hasOutlived && (this.path.isDown(error) || isOfTheMoment(error))) throw error;
      this.logger.error(error, 'A batch of turns failed; its conversations run one by one');
      // Stored before the next try, which may be the one that takes the process with it.
      if (hasOutlived) await this.path.query(COUNT_TRY, [attempt.claimed.map(({ id }) => id), MAX_FAILS]);
    }
    const results = [];
    for (const { id } of attempt.claimed) results.push(await this.runOne(worker, id));
    return sum(results);
  }

  /** One conversation in a transaction of its own, so that whatever is wrong with it stays with it. */
  async runOne(worker: string, conversationId: string): Promise<BatchResult> {
    const attempt: Attempt = { claimed: [], beganMs: null };
    try {
      const claim = { name: 'turn-claim-one', text: CLAIM_ONE, values: [this.clock.now(), conversationId] };
      return this.committed(await this.transact(worker, claim, attempt));
    } catch (error) {
      const hasOutlived = this.hasOutlived(error, attempt);
      if (!hasOutlived && (this.path.isDown(error) || isOfTheMoment(error))) throw error;
      this.logger.error(error, `The turn of conversation ${conversationId} cannot be stored`);
      const message = error instanceof Error ? error.message : String(error);
      const reason = hasOutlived ? `The turn took longer than its transaction may: ${message}` : message;
      const values = [conversationId, reason.slice(0, 500), MAX_FAILS];
      this.readModel.publishHandOvers(await this.path.query<HandedOver>(GIVE_UP, values));
      return { claimed: 1, turns: 0, failures: 1, hasSends: false, hasEffects: false };
    }
  }

  private transact(worker: string, claim: pg.QueryConfig, attempt: Attempt): Promise<Work> {
    return this.path.transaction(async (client) => {
      attempt.beganMs = null;
      attempt.claimed = (await client.query<Claimed>(claim)).rows;
      return this.take(client, worker, attempt);
    });
  }

  /**
   * Whether the turns took longer than their transaction may stand still, which looks from here like a Postgres that went
   * away: only then is the lost connection their own doing.
   */
  private hasOutlived(error: unknown, { claimed, beganMs }: Attempt): boolean {
    if (claimed.length === 0) return false;
    if (isTooSlow(error)) return true;
    return this.path.isDown(error) && beganMs !== null && performance.now() - beganMs > this.path.maxIdleMs;
  }

  private async take(client: pg.PoolClient, worker: string, attempt: Attempt): Promise<Work> {
    const { claimed } = attempt;
    if (claimed.length === 0) return { decisions: [], claimed, handedOver: [] };
    // On another connection, so that it outlives us; beside the read, so that it costs no time.
    const [, unread] = await Promise.all([this.suspects.note(worker, claimed), this.readUnread(client, claimed)]);
    const decisions: Decision[] = [];
    const beganMs = performance.now();
    attempt.beganMs = beganMs;
    const isOver = () => performance.now() - beganMs > MAX_BATCH_MS;
    for (const conversation of claimed) {
      const rows = unread.get(conversation.id) ?? [];
      const turns = new ConversationTurns(this.engine, conversation);
      decisions.push(await turns.take(rows.slice(0, UNREAD_LIMIT), rows.length > UNREAD_LIMIT, isOver));
      // Those not come to are as due as before.
      if (isOver()) break;
    }
    return { decisions, claimed, handedOver: await this.write(client, decisions) };
  }

  private async readUnread(client: pg.PoolClient, claimed: readonly Claimed[]): Promise<Map<string, UnreadRow[]>> {
    const ids = claimed.map(({ id }) => id);
    const waiting = claimed.filter(({ state }) => this.engine.isAwaitingEffect(state)).map(({ id }) => id);
    const results =
      waiting.length === 0
        ? []
        : (await client.query<UnreadRow>({ name: 'turn-results', text: READ_RESULTS, values: [waiting] })).rows;
    const { rows } = await client.query<UnreadRow>({ name: 'turn-unread', text: READ_UNREAD, values: [ids] });
    const first = new Set(results.map(({ id }) => id));
    return Map.groupBy(
      [...results, ...rows.filter(({ id }) => !first.has(id))],
      ({ conversationId }) => conversationId,
    );
  }

  private async write(client: pg.PoolClient, decided: readonly Decision[]): Promise<readonly HandedOver[]> {
    const decisions = await fitToConnections(client, decided);
    const done = decisions.flatMap((decision) => decision.done);
    const times = done.map(({ receivedAt }) => receivedAt.getTime());
    const { rows } = await client.query<HandedOver>({
      name: 'turn-write',
      text: WRITE,
      values: [
        toStorableJson(decisions.flatMap(({ outbox }) => outbox)),
        done.map(({ id }) => id),
        // A JavaScript date has lost the microseconds.
        new Date(Math.min(...times, Date.now())),
        new Date(Math.max(...times, 0) + 1),
        toStorableJson(decisions.flatMap(({ log }) => log)),
        toStorableJson(decisions.map(({ patch }) => patch)),
      ],
    });
    return rows;
  }

  private committed({ decisions, claimed, handedOver }: Work): BatchResult {
    for (const { failure, faults, patch } of decisions) {
      if (failure) this.logger.error(failure, `A turn of conversation ${patch.id} failed (${patch.fails})`);
      for (const fault of faults) this.logger.warn(`The flow of conversation ${patch.id} gave up: ${fault}`);
    }
    this.readModel.publish(claimed, decisions);
    this.readModel.publishHandOvers(handedOver);
    const outbox = decisions.flatMap((decision) => decision.outbox);
    return {
      claimed: decisions.length,
      turns: decisions.reduce((all, { turns }) => all + turns, 0),
      failures: decisions.filter(({ failure }) => failure).length,
      hasSends: outbox.some(({ kind }) => kind === 'send'),
      hasEffects: outbox.some(({ kind }) => kind !== 'send'),
    };
  }
}

function sum(results: readonly BatchResult[]): BatchResult {
  return {
    claimed: results.reduce((all, { claimed }) => all + claimed, 0),
    turns: results.reduce((all, { turns }) => all + turns, 0),
    failures: results.reduce((all, { failures }) => all + failures, 0),
    hasSends: results.some(({ hasSends }) => hasSends),
    hasEffects: results.some(({ hasEffects }) => hasEffects),
  };
}
