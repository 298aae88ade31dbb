import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { Access } from '../auth/access.decorator.js';
import { ProviderFactory } from '../providers/provider.factory.js';
import { PROVIDER_NAMES } from '../providers/whatsapp-provider.js';
import { CREDENTIAL_FIELDS } from './credential-fields.js';
import { ConnectionCredentials } from './connection-credentials.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import { type ProviderList, providerListSchema } from './connections.dto.js';

@Tag('connections')
@Controller('providers')
export class ProviderListController {
  constructor(
    private readonly factory: ProviderFactory,
    private readonly credentials: ConnectionCredentials,
  ) {}

  @Get()
  @Access('connections:read')
  @Route({ summary: 'The ways to reach WhatsApp, and what each needs from you', view: providerListSchema })
  list(): ProviderList {
    const allowed = PROVIDER_NAMES.filter((name) => this.credentials.isAllowed(name));
    return {
      items: allowed.map((name) => {
        const { capabilities, credentialsSchema } = this.factory.get(name);
        // Of its fields, because a schema with an id would stand behind a $ref.
        const credentials = z.toJSONSchema(z.strictObject(credentialsSchema.shape));
        const fields = Object.entries(CREDENTIAL_FIELDS[name]).map(([field, { label, isSecret }]) => {
          return { name: field, label, isSecret, isRequired: credentials.required?.includes(field) ?? false };
        });
        return { name, capabilities, credentials, fields };
      }),
    };
  }
}
