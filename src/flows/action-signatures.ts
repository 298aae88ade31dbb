import { z } from 'zod';
import type { FlowAction } from './action-registry.service.js';
import type { ActionSignature } from './engine/checks/catalogue-checks.js';

/** What may be written, so the input side: defaults are optional there. A check JSON Schema cannot say is left out. */
export function jsonSchemaOf(schema: z.ZodType): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}

/** What the checks at publish need to know of each action, by name. */
export function actionSignatures(actions: readonly FlowAction[]): ReadonlyMap<string, ActionSignature> {
  return new Map(
    actions.map(({ name, input, errors }) => {
      const { properties = {}, required = [] } = jsonSchemaOf(input);
      const optional = Object.keys(properties).filter((field) => !required.includes(field));
      return [name, { required, optional, errors }];
    }),
  );
}
