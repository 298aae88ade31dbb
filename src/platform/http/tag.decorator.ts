import { applyDecorators } from '@nestjs/common';
import { ApiExtension, ApiTags } from '@nestjs/swagger';

export const TAG_KEY = 'x-tag-description';

/** The chapter of the API that a controller's routes belong to. One controller of each chapter says what it is about. */
export const Tag = (name: string, description?: string): ClassDecorator =>
  description === undefined ? ApiTags(name) : applyDecorators(ApiTags(name), ApiExtension(TAG_KEY, description));
