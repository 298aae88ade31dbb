import { Global, Module, type DynamicModule } from '@nestjs/common';
import { CacheModule } from './cache/cache.module.js';
import { Clock, SystemClock } from './clock.js';
import { ENV, type Env } from './config/env.js';
import { SECRETS, type Secrets } from './config/secrets.js';
import { SecretBox } from './crypto/secret-box.js';
import { Drain } from './drain.js';
import { JobsService } from './jobs/jobs.service.js';
import { ScheduledJobs } from './jobs/scheduled-jobs.js';
import { LiveEvents } from './live-events.js';
import { Loops } from './loops/loops.js';
import { Mailer } from './mail/mailer.js';
import { RedisClients } from './redis.js';
import { Wake } from './wake.js';

/** What every feature may ask for, and which knows no business word. */
@Global()
@Module({})
export class PlatformModule {
  static forRoot(env: Env, secrets: Secrets): DynamicModule {
    return {
      module: PlatformModule,
      imports: [CacheModule],
      providers: [
        { provide: ENV, useValue: env },
        { provide: SECRETS, useValue: secrets },
        { provide: Clock, useClass: SystemClock },
        SecretBox,
        Wake,
        Mailer,
        Drain,
        JobsService,
        ScheduledJobs,
        Loops,
        LiveEvents,
        RedisClients,
      ],
      exports: [
        ENV,
        SECRETS,
        Clock,
        SecretBox,
        Mailer,
        Wake,
        Drain,
        JobsService,
        ScheduledJobs,
        Loops,
        LiveEvents,
        RedisClients,
      ],
    };
  }
}
