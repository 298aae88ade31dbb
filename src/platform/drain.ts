import { Injectable } from '@nestjs/common';

/** Set on the first sign of a shutdown, so that readiness says so before anything stops. */
@Injectable()
export class Drain {
  private draining = false;

  begin(): void {
    this.draining = true;
  }

  get isDraining(): boolean {
    return this.draining;
  }
}
