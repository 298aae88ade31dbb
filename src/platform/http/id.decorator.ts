import { Param } from '@nestjs/common';
import { z } from 'zod';

const uuid = z.uuid();

/** The UUID in this part of the path. */
export const Id = (name = 'id'): ParameterDecorator => Param(name, { schema: uuid });
