import { Controller, Get } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { ActionRegistry } from './action-registry.service.js';
import { jsonSchemaOf } from './action-signatures.js';
import { flowDocumentSchema } from './engine/flow-document.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import { actionListSchema } from './flows.dto.js';

/** The flow language itself, for editors and for whoever writes a flow by hand. */
@Tag('flows')
@Controller('dsl')
export class DslController {
  constructor(private readonly actions: ActionRegistry) {}

  @Get('schema')
  @Access('flows:read')
  @Route({
    summary: 'JSON Schema 2020-12 of a flow document',
    schema: {
      type: 'object',
      additionalProperties: true,
      example: { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object', required: ['dsl', 'flow'] },
    },
  })
  schema() {
    return jsonSchemaOf(flowDocumentSchema);
  }

  @Get('actions')
  @Access('flows:read')
  @Route({ summary: 'What an action step can do', view: actionListSchema })
  listActions() {
    const items = this.actions.list().map(({ name, errors, input, output }) => ({
      name,
      errors,
      input: jsonSchemaOf(input),
      output: jsonSchemaOf(output),
    }));
    return { items };
  }
}
