import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { ActionRegistry } from './action-registry.service.js';
import { jsonSchemaOf } from './action-signatures.js';
import { flowDocumentSchema } from './engine/flow-document.js';
import { actionListSchema } from './flows.dto.js';

/** The flow language itself, for editors and for whoever writes a flow by hand. */
@ApiTags('flows')
@Controller('dsl')
export class DslController {
  constructor(private readonly actions: ActionRegistry) {}

  @Get('schema')
  @Access('flows:read')
  @ApiOperation({ summary: 'JSON Schema 2020-12 of a flow document' })
  @ApiResponse({ status: 200, schema: { type: 'object', additionalProperties: true } })
  schema() {
    return jsonSchemaOf(flowDocumentSchema);
  }

  @Get('actions')
  @Access('flows:read')
  @ApiOperation({ summary: 'What an action step can do' })
  @ApiResponse({ status: 200, standardSchema: actionListSchema })
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
