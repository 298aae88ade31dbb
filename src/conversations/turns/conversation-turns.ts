import type { InboundContent, OutboundContent } from '../../messages/message-content.js';
import { isDatabaseDown } from '../../platform/database/connection-errors.js';
import type { Handoff } from '../handover/handoff.js';
import type { Claimed, Decision, LogRow, OutboxRow, UnreadRow } from './claimed.js';
import { fateOf, LATE_NOTICE, lateNotice } from './late-messages.js';
import type { EffectResult, EngineEffect, EngineEvent, EngineOutput, TurnEngine } from './turn-engine.js';

/** A poisoned conversation goes to a person after this many failed tries (pipeline, section 1). */
export const MAX_FAILS = 5;
const RETRY_BASE_MS = 500;
/** While an effect runs, its result wakes the conversation; this is the net below that. */
const EFFECT_CHECK_MS = 30_000;

type Place = { idx: number; lane: number; triggeredAt: Date | null; key: string | null };
type JsonObject = Record<string, unknown>;

const LANE = { reply: 0, transactional: 1 } as const;

/**
 * The turns of one claimed conversation: pure but for a flow version loaded once. Rows are taken in order, one turn
 * each. While an effect is pending only its result goes in and messages stay unread.
 */
export class ConversationTurns<Flow> {
  private readonly outbox: OutboxRow[] = [];
  private readonly done: UnreadRow[] = [];
  private readonly log: LogRow[] = [];
  private readonly now: Date;
  private readonly faults: string[] = [];
  private state: unknown;
  private mode: 'bot' | 'human';
  private isTakenBack = false;
  /** To whom it goes; `isCalled` when the flow asks for somebody, whoever has it already. */
  private called: { readonly handoff: Handoff; readonly isCalled: boolean } | null = null;
  private versionId: string | null;
  private turn: number;
  private turns = 0;
  private wakeAtMs: number | null = null;
  private hasRun = false;

  constructor(
    private readonly engine: TurnEngine<Flow>,
    private readonly conversation: Claimed,
  ) {
    this.now = conversation.now;
    this.state = conversation.state;
    this.mode = conversation.mode;
    this.versionId = conversation.versionId;
    this.turn = conversation.turn;
  }

  /**
   * @param hasMore rows are unread beyond `rows`
   * @param isOver whether the rest is for the next batch; the first row is always taken
   */
  async take(rows: readonly UnreadRow[], hasMore: boolean, isOver: () => boolean = () => false): Promise<Decision> {
    let blocked = false;
    try {
      for (const row of rows) {
        blocked = this.isWaiting && row.kind !== 'effect_result';
        if (blocked) break;
        await this.takeRow(row);
        this.done.push(row);
        if (isOver()) break;
      }
      // A turn is due though nothing arrived, or only the engine knows when the next one is.
      if (!this.hasRun) await this.runTimer();
    } catch (error) {
      if (isDatabaseDown(error)) throw error;
      return this.fail(error instanceof Error ? error : new Error(String(error)));
    }
    const isBehind = hasMore || this.done.length < rows.length;
    return this.decide({ readyAt: this.readyAt(isBehind), fails: 0, parkedFor: null, failure: null });
  }

  private get isParked(): boolean {
    return this.conversation.parkedReason !== null;
  }

  /** Whether an effect is pending, so that messages have to wait. */
  private get isWaiting(): boolean {
    return !this.isParked && this.engine.isAwaitingEffect(this.state);
  }

  private async takeRow(row: UnreadRow): Promise<void> {
    switch (row.kind) {
      case 'msg':
        return this.takeMessage(row);
      case 'event':
        if (this.mode === 'bot' && this.versionId !== null) await this.run(eventOf(row), row);
        return;
      case 'effect_result':
        if (this.isWaiting) await this.run({ kind: 'effect_result', result: row.body as EffectResult }, row);
        return;
      case 'operator':
        return this.say(row, LANE.reply);
      case 'notice':
        return this.say(row, LANE.transactional);
    }
  }

  private async takeMessage(row: UnreadRow): Promise<void> {
    const content = row.body as InboundContent;
    // Its content comes later under the same id and is the one that counts (INV-2).
    if (content.isPlaceholder) return;
    this.record('message.in', { type: content.type, isLate: row.isLate }, row.receivedAt);
    // A person was called; whoever handed back has put a `resume` behind what was for them.
    if (this.engine.isHandedOver(this.state)) return;
    if (!this.isBotsTurn) return;
    const fate = fateOf(row, this.conversation);
    if (fate === 'answer') await this.run({ kind: 'message', id: row.dedupeKey, content }, row);
    if (fate === 'hand_over') this.leaveToPerson(row);
  }

  private leaveToPerson(row: UnreadRow): void {
    this.call('late', null);
    const content = lateNotice(row, this.conversation);
    if (content === null) return;
    this.turn += 1;
    const place = { idx: 0, lane: LANE.reply, triggeredAt: row.receivedAt, key: LATE_NOTICE };
    this.put({ kind: 'send', content, resend: 'auto' }, place);
  }

  /** A person's words or a notice: sent as they are, past the flow. */
  private say(row: UnreadRow, lane: number): void {
    this.turn += 1;
    const effect = { kind: 'send', content: row.body as OutboundContent, resend: 'auto' } as const;
    this.put(effect, { idx: 0, lane, triggeredAt: null, key: row.dedupeKey });
  }

  private async runTimer(): Promise<void> {
    const isOurs = this.isBotsTurn || (this.mode === 'human' && this.engine.isHandedOver(this.state));
    if (this.versionId !== null && !this.isParked && isOurs) await this.run({ kind: 'timer' }, null);
  }

  private get isBotsTurn(): boolean {
    return this.mode === 'bot' && this.conversation.bot.isActive;
  }

  private async run(event: EngineEvent, row: UnreadRow | null): Promise<void> {
    const isTaken = await this.runOnce(event, row);
    // What ended a session begins the next one, on the version that is active now.
    if (!isTaken && !(await this.runOnce(event, row))) throw new Error('The engine does not take the event');
  }

  /** @returns whether the event is dealt with */
  private async runOnce(event: EngineEvent, row: UnreadRow | null): Promise<boolean> {
    const { bot, id, contactId, phone, profileName } = this.conversation;
    const versionId = this.versionId ?? bot.activeVersionId;
    // A bot that was given nothing to say.
    if (versionId === null) return true;
    const output = this.engine.run({
      flow: await this.engine.load(versionId),
      state: this.state,
      event,
      nowMs: this.now.getTime(),
      conversationId: id,
      turn: this.turn + 1,
      contact: { id: contactId, name: profileName, phone, lang: bot.locale },
      timeZone: bot.timeZone,
    });
    this.apply(output, row, versionId);
    return !output.isUnread;
  }

  private apply(output: EngineOutput, row: UnreadRow | null, versionId: string): void {
    const isTakenOver = this.mode === 'human' && !this.engine.isHandedOver(this.state);
    // A person who took over keeps the conversation, whatever a late effect result makes the flow say.
    const mode = isTakenOver ? 'human' : output.mode;
    this.hasRun = true;
    this.turns += 1;
    this.turn += 1;
    this.putAll(output.effects, row);
    this.recordSession(output);
    if (output.fault !== null) this.faults.push(output.fault);
    if (mode === 'bot') this.takeBack();
    else if (!isTakenOver) this.call('flow', output.handoff);
    this.state = output.state;
    this.versionId = output.isRunning ? versionId : null;
    this.wakeAtMs = output.wakeAtMs;
  }

  private takeBack(): void {
    this.isTakenBack ||= this.mode === 'human';
    this.mode = 'bot';
    this.called = null;
  }

  /** Whom somebody called before in these turns keeps it, unless the flow calls somebody else. */
  private call(by: 'flow' | 'parked' | 'late', to: EngineOutput['handoff']): void {
    const { team, note } = to ?? { team: null, note: null };
    if (this.called === null || to !== null)
      this.called = { handoff: { team, note, by, at: this.now.toISOString() }, isCalled: to !== null };
    this.mode = 'human';
  }

  /** One turn can begin and end a session, and end an old one to begin the next. */
  private recordSession({ isRunning, outcome }: EngineOutput): void {
    if (this.versionId === null && (isRunning || outcome !== null)) this.record('session.started', {});
    if (outcome === null) return;
    this.record('session.ended', { outcome });
    if (isRunning) this.record('session.started', {});
  }

  private putAll(effects: readonly EngineEffect[], row: UnreadRow | null): void {
    let triggeredAt = row ? triggerOf(row) : null;
    for (const [idx, effect] of effects.entries()) {
      this.put(effect, { idx, lane: LANE.reply, triggeredAt, key: effect.kind === 'send' ? null : effect.key });
      // Response time counts the first answer. When an action comes first, its result carries the time on.
      triggeredAt = null;
    }
  }

  private put(effect: EngineEffect, place: Place): void {
    const { tenantId, id, connectionId } = this.conversation;
    const isSend = effect.kind === 'send';
    this.outbox.push({
      tenant_id: tenantId,
      conversation_id: id,
      connection_id: connectionId,
      turn: this.turn,
      idx: place.idx,
      kind: effect.kind,
      lane: place.lane,
      effect_key: place.key,
      body: isSend ? effect.content : effect.body,
      resend_policy: isSend ? effect.resend : 'never',
      triggered_at: place.triggeredAt,
    });
  }

  private record(kind: string, body: Record<string, unknown>, at = this.now): void {
    const { tenantId, botId, id } = this.conversation;
    this.log.push({ tenant_id: tenantId, bot_id: botId, kind, at, body: { conversationId: id, ...body } });
  }

  private readyAt(isBehind: boolean): Date | null {
    const wakeAt = this.wakeAtMs === null ? null : new Date(this.wakeAtMs);
    if (!this.isWaiting) return isBehind ? this.now : wakeAt;
    const check = this.after(EFFECT_CHECK_MS);
    return wakeAt !== null && wakeAt < check ? wakeAt : check;
  }

  private after(ms: number): Date {
    return new Date(this.now.getTime() + ms);
  }

  /** What went well before stays; the row at fault is tried again later, then left to a person. */
  private fail(failure: Error): Decision {
    const fails = this.done.length > 0 ? 1 : this.conversation.fails + 1;
    if (fails < MAX_FAILS)
      return this.decide({ readyAt: this.after(RETRY_BASE_MS * 2 ** fails), fails, parkedFor: null, failure });
    this.call('parked', null);
    return this.decide({ readyAt: this.now, fails, parkedFor: failure.message.slice(0, 500), failure });
  }

  private decide(end: {
    readyAt: Date | null;
    fails: number;
    parkedFor: string | null;
    failure: Error | null;
  }): Decision {
    const { outbox, done, log, turns, faults, state, mode } = this;
    const patch = {
      id: this.conversation.id,
      state,
      mode,
      version_id: this.versionId,
      turn: this.turn,
      fails: end.fails,
      is_taken_back: this.isTakenBack,
      handoff: this.called?.handoff ?? null,
      is_called: this.called?.isCalled ?? false,
      parked_reason: end.parkedFor,
      ready_at: end.readyAt,
    };
    return { outbox, done, log, turns, faults, patch, failure: end.failure };
  }
}

/** `resume` is what handing back puts there; anything else is for a step that waits for it. */
function eventOf({ body }: UnreadRow): EngineEvent {
  const { name, data = {} } = body as { name: string; data?: JsonObject };
  return name === 'resume' ? { kind: 'resume' } : { kind: 'event', name, data };
}

/** When the message was received that this row leads back to. */
function triggerOf({ kind, body, receivedAt }: UnreadRow): Date | null {
  if (kind === 'msg') return receivedAt;
  const { triggeredAt } = body as { triggeredAt?: string | null };
  return kind === 'effect_result' && triggeredAt ? new Date(triggeredAt) : null;
}
