import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';

/** JSON lines on stdout. Whatever could carry a secret or what people write to each other is cut before it is written. */
export function createLogger(level: string, destination: DestinationStream = process.stdout): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: ['req.headers.authorization', 'req.headers.cookie', '*.password', '*.accessToken', '*.credentials'],
      remove: true,
    },
    serializers: {
      req: (request: { method: string; url: string; id: string }) => ({
        method: request.method,
        // A query string may hold a verify token or a phone number.
        path: request.url.split('?')[0],
      }),
    },
  };
  return pino(options, destination);
}

type Level = 'error' | 'warn' | 'info' | 'debug' | 'trace';

/**
 * Nest's logger in our form: `warn('text')`, `warn({ err, field }, 'text')` and `error(error, 'text')` all become one
 * JSON line. What Nest itself says while it starts is for debugging.
 */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(NEST_OWN.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  /** Nest puts the context last; a text before it belongs to the object or error in front. */
  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    const context = rest.at(-1);
    const text = rest.slice(0, -1).find((part) => typeof part === 'string');
    if (message instanceof Error) this.logger[level]({ context, err: message }, text ?? message.message);
    else if (typeof message === 'object' && message !== null) this.logger[level]({ context, ...message }, text);
    else this.logger[level]({ context, ...(text !== undefined && { detail: text }) }, String(message));
  }
}

const NEST_OWN = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);
