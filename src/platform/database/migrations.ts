import { FlowsAndBots1764000000002 } from '../../../migrations/1764000000002-flows-and-bots.js';
import { Commerce1764000000003 } from '../../../migrations/1764000000003-commerce.js';
import { MessagePath1764000000004 } from '../../../migrations/1764000000004-message-path.js';
import { MessageLog1764000000005 } from '../../../migrations/1764000000005-message-log.js';
import { Idempotency1764000000006 } from '../../../migrations/1764000000006-idempotency.js';
import { ApiKeys1764000000007 } from '../../../migrations/1764000000007-api-keys.js';
import { LinkedDevices1764000000010 } from '../../../migrations/1764000000010-linked-devices.js';
import { LinkedSessions1764000000011 } from '../../../migrations/1764000000011-linked-sessions.js';
import { Routing1764000000012 } from '../../../migrations/1764000000012-routing.js';
import { Accounts1764000000015 } from '../../../migrations/1764000000015-accounts.js';
import { Catalogue1764000000016 } from '../../../migrations/1764000000016-catalogue.js';
import { Selling1764000000017 } from '../../../migrations/1764000000017-selling.js';
import { OutgoingWebhooks1764000000018 } from '../../../migrations/1764000000018-outgoing-webhooks.js';
import { OrdersAndContacts1764000000019 } from '../../../migrations/1764000000019-orders-and-contacts.js';
import { Pens1764000000020 } from '../../../migrations/1764000000020-pens.js';
import { Maintenance1764000000021 } from '../../../migrations/1764000000021-maintenance.js';
import { EncryptionCanary1764000000022 } from '../../../migrations/1764000000022-encryption-canary.js';
import { LateMessages1764000000023 } from '../../../migrations/1764000000023-late-messages.js';
import { FailedSends1764000000024 } from '../../../migrations/1764000000024-failed-sends.js';
import { OrdersThatWait1764000000025 } from '../../../migrations/1764000000025-orders-that-wait.js';
import { Templates1764000000028 } from '../../../migrations/1764000000028-templates.js';
import { Media1764000000013 } from '../../../migrations/1764000000013-media.js';
import { Identity1764000000014 } from '../../../migrations/1764000000014-identity.js';
import { Tenancy1764000000001 } from '../../../migrations/1764000000001-tenancy.js';

/** Every migration, oldest first. A new one is a file in migrations/ and a line here. */
export const MIGRATIONS = [
  Tenancy1764000000001,
  FlowsAndBots1764000000002,
  Commerce1764000000003,
  MessagePath1764000000004,
  MessageLog1764000000005,
  Idempotency1764000000006,
  ApiKeys1764000000007,
  LinkedDevices1764000000010,
  LinkedSessions1764000000011,
  Routing1764000000012,
  Identity1764000000014,
  Media1764000000013,
  Accounts1764000000015,
  Catalogue1764000000016,
  Selling1764000000017,
  OutgoingWebhooks1764000000018,
  OrdersAndContacts1764000000019,
  Pens1764000000020,
  Maintenance1764000000021,
  EncryptionCanary1764000000022,
  LateMessages1764000000023,
  FailedSends1764000000024,
  OrdersThatWait1764000000025,
  Templates1764000000028,
];
