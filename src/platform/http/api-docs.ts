import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { declareProblems } from './declare-problems.js';
import { finishDocument } from './finish-document.js';

/** The OpenAPI document, derived from the schemas on the routes. */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('DashOffice')
    .setDescription(
      'The back office of a shop that sells over WhatsApp. Errors are application/problem+json (RFC 9457). Answers to ' +
        'a caller tell the nearer of its own and its tenant’s limit per minute: RateLimit-Limit, RateLimit-Remaining ' +
        'and RateLimit-Reset (seconds). Over it: 429 `rate_limited`; while the database is away: 503 ' +
        '`database_unavailable`; while it is full, read-only or busy: 503 `storage_unavailable`; all with Retry-After. A ' +
        'method that a path does not have: 405 `method_not_allowed` with Allow. An address with headers of more than ' +
        '16 KB: 431; a request that does not come to its end: 408.',
    )
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'Where this document came from')
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT or API key',
      description:
        'The access token of a sign-in (POST /api/auth/login, good for 15 minutes), or an API key (POST /api/api-keys, ' +
        'begins with dok_): a key may do what it was made for, on every route that names one of its permissions.',
    })
    .addCookieAuth('dashoffice_session', {
      type: 'apiKey',
      description:
        'The cookie of a sign-in in a browser (POST /api/auth/session); over https it is named ' +
        '__Host-dashoffice_session. Everything but GET also needs the header x-csrf-token.',
    })
    .addApiKey(
      {
        type: 'apiKey',
        in: 'header',
        name: 'x-csrf-token',
        description: 'What the sign-in answered as `csrfToken`, which is also in the cookie dashoffice_csrf.',
      },
      'csrf',
    )
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}.${method}`,
  });
  return declareProblems(finishDocument(document));
}

/** Swagger UI at /api/docs and the document at /api/openapi.json; built on first use, so that start-up does not pay. */
export function serveApiDocs(app: NestFastifyApplication): void {
  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('api/docs', app, () => (document ??= describeApi(app)), {
    jsonDocumentUrl: 'api/openapi.json',
    customSiteTitle: 'DashOffice API',
    swaggerOptions: { persistAuthorization: true, filter: true },
  });
}
