import { AppError } from '../../platform/errors/app-error.js';

export class NoSimulatorError extends AppError {
  constructor(botId: string) {
    super('no_simulator', 409, `The bot ${botId} has no connection of the provider "simulator"`);
  }
}
