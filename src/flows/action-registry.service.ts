import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { z } from 'zod';
import type { TenantId } from '../platform/tenancy/tenant-id.js';

/** For whom and why an action runs. */
export type ActionContext = {
  readonly tenantId: TenantId;
  readonly botId: string;
  readonly conversationId: string;
  readonly contactId: string;
  /** Id of the effect: the same when it is run again, so usable as an idempotency key. */
  readonly effectKey: string;
  readonly lang: 'es' | 'en' | 'pt';
  readonly now: Date;
};

/** Something a flow's `action` step can do. Input and output are plain JSON that passes the schemas. */
export type FlowAction = {
  /** Dotted, such as `cart.add`. */
  readonly name: string;
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  /** Codes of the ActionErrors it may throw; the flow names them in `on`. */
  readonly errors: readonly string[];
  /**
   * Runs inside the tenant's transaction that also records the result.
   *
   * @param input what `input` parsed
   * @throws ActionError with one of `errors`
   */
  run(tx: EntityManager, context: ActionContext, input: unknown): Promise<unknown>;
};

/**
 * Gives `run` the type its input schema says, then fits the list that holds all kinds of actions.
 * The executor parses the input with the same schema before it calls `run`.
 */
export function defineAction<Input extends z.ZodType, Output extends z.ZodType>(
  action: Omit<FlowAction, 'input' | 'output' | 'run'> & {
    readonly input: Input;
    readonly output: Output;
    run(tx: EntityManager, context: ActionContext, input: z.output<Input>): Promise<z.input<Output>>;
  },
): FlowAction {
  return { ...action, run: (tx, context, input) => action.run(tx, context, input as z.output<Input>) };
}

/** The actions the features offer to flows; each registers its own when its module starts. */
@Injectable()
export class ActionRegistry {
  private readonly byName = new Map<string, FlowAction>();

  /** @throws TypeError two actions of one name: a bug found at start-up */
  register(action: FlowAction): void {
    if (this.byName.has(action.name)) throw new TypeError(`The action ${action.name} is registered twice`);
    this.byName.set(action.name, action);
  }

  find(name: string): FlowAction | null {
    return this.byName.get(name) ?? null;
  }

  /** By name, in alphabetical order. */
  list(): readonly FlowAction[] {
    return [...this.byName.values()].toSorted((a, b) => a.name.localeCompare(b.name));
  }
}
