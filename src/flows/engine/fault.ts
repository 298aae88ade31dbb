/** Stops the flow in the middle of a step. `turn` turns it into an apology and a person; it never leaves the engine. */
export class FlowFault extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** A spent budget is not the called flow's failure to catch: nothing may go on after it. */
    readonly isFinal = false,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}
