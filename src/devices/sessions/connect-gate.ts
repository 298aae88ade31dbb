/** Lets a few connect at a time, in the order they came: after a restart of everything nobody storms WhatsApp. */
export class ConnectGate {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly places: number) {}

  /** @returns a function that gives the place back; calling it again does nothing */
  async enter(): Promise<() => void> {
    if (this.inside < this.places) this.inside += 1;
    else await new Promise<void>((admit) => this.waiting.push(admit));
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      const next = this.waiting.shift();
      if (next) next();
      else this.inside -= 1;
    };
  }
}
