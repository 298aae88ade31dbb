import { AppError } from '../../platform/errors/app-error.js';

/** The optional package is not there; everything else of DashOffice works without it. */
export class BaileysNotInstalledError extends AppError {
  constructor() {
    super(
      'baileys_not_installed',
      503,
      'Linked devices need the package @whiskeysockets/baileys, which is not installed',
    );
  }
}

/** Another process holds this device by now; this one must close its socket, and nothing of its write was stored. */
export class StaleFenceError extends AppError {
  constructor(connectionId: string, fence: number) {
    super('stale_fence', 409, `Another process holds the linked device ${connectionId} (own fence ${fence})`);
  }
}
