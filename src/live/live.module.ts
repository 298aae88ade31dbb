import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { LiveNews } from './live-news.js';
import { LiveServer } from './live-server.js';
import { LiveSockets } from './live-sockets.js';

/** Live events for people who look at the dashboard. */
@Module({ imports: [AuthModule], providers: [LiveNews, LiveServer, LiveSockets] })
export class LiveModule {}
