import { isRecord } from '../expressions/plain-value.js';
import type { Variable, VariableType } from '../flow-document.js';
import { FlowFault } from '../fault.js';

const ZERO: Readonly<Record<VariableType, unknown>> = {
  string: '',
  int: 0,
  double: 0,
  bool: false,
  list: [],
  map: {},
};

/** What a variable holds until it is set, so that reading one never fails. */
export function initialValue({ type, default: value }: Variable): unknown {
  return value ?? ZERO[type];
}

/** As expressions see it: CEL tells whole numbers (BigInt) from others. */
export function toCel(value: unknown, type: VariableType): unknown {
  return type === 'int' ? BigInt(value as number) : value;
}

export function holds(type: VariableType, value: unknown): boolean {
  switch (type) {
    case 'int':
      return Number.isSafeInteger(value);
    case 'double':
      return typeof value === 'number' && Number.isFinite(value);
    case 'list':
      return Array.isArray(value);
    case 'map':
      return isRecord(value);
    default:
      return typeof value === (type === 'bool' ? 'boolean' : type);
  }
}

/** @throws FlowFault the value is of another type, found out only now because its expression was dyn */
export function assertHolds(name: string, type: VariableType, value: unknown): void {
  if (!holds(type, value)) throw new FlowFault('wrong_type', `${name} is a ${type} and cannot hold a ${typeof value}`);
}
