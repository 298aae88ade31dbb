import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import { CHANGES_NOTHING_KEY } from '../../src/platform/http/route.decorator.js';
import { ACCESS_KEY } from '../../src/auth/access.decorator.js';
import { CACHED_KEY, type CachedRule } from '../../src/platform/cache/cached-rule.js';
import type { TestApp } from './app.js';

export type Route = {
  readonly name: string;
  readonly access: unknown;
  readonly cached: CachedRule | undefined;
  readonly changesNothing: boolean;
};

/** Every route of every controller, as it is declared. */
export function routesOf({ app }: Pick<TestApp, 'app'>): Route[] {
  const found: Route[] = [];
  for (const module of app.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) {
      if (typeof metatype !== 'function') continue;
      const prefix: string = Reflect.getMetadata(PATH_METADATA, metatype) ?? '';
      for (const key of methodsOf(metatype)) {
        const handler: unknown = metatype.prototype[key];
        if (typeof handler !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, handler)) continue;
        const verb = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler)];
        const path = [prefix, Reflect.getMetadata(PATH_METADATA, handler)].join('/').replaceAll(/\/+/g, '/');
        found.push({
          name: `${verb} ${rooted(path)}`,
          access: Reflect.getMetadata(ACCESS_KEY, handler) ?? Reflect.getMetadata(ACCESS_KEY, metatype),
          cached: Reflect.getMetadata(CACHED_KEY, handler),
          changesNothing: Reflect.hasMetadata(CHANGES_NOTHING_KEY, handler),
        });
      }
    }
  }
  return found;
}

function methodsOf(type: Function): string[] {
  const names = new Set<string>();
  for (let proto = type.prototype; proto && proto !== Object.prototype; proto = Object.getPrototypeOf(proto))
    for (const name of Object.getOwnPropertyNames(proto)) names.add(name);
  return [...names];
}

function rooted(path: string): string {
  const clean = `/${path.replace(/^\/|\/$/g, '')}`;
  return /^\/(api\/media|media|webhooks\/(official|twilio|evolution)|health|metrics|send|qr|status|message)(\/|$)/.test(
    clean,
  )
    ? clean
    : `/api${clean}`;
}
