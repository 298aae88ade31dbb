import { z } from 'zod';

/** A simulated connection needs nothing. */
export const simulatorCredentialsSchema = z.strictObject({}).meta({ id: 'SimulatorCredentials' });
