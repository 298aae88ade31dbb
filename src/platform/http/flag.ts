import { z } from 'zod';

/** Yes or no in a query: `true` or `false`, and nothing else. */
export const flag = z.stringbool({ truthy: ['true'], falsy: ['false'] }).meta({ type: 'boolean' });
