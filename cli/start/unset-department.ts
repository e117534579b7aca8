import type { Department, SourceCode } from '../../core/department.ts';
import { AppError } from '../../core/platform/errors.ts';

/** A department that the settings do not name (yet): its part of every answer is said to be unavailable, and nobody is asked. */
export function createUnsetDepartment(code: SourceCode, name: string): Department<never> {
  const unset = (): AppError =>
    new AppError('SOURCE_UNAVAILABLE', `The settings do not name this department; add departments.${name} to them.`);
  return {
    code,
    read: () =>
      Promise.resolve({ records: new Map<string, never>(), freshness: { status: 'UNAVAILABLE', asOf: null } }),
    changes: () => Promise.reject(unset()),
    health: () => ({
      status: 'UNAVAILABLE',
      circuit: 'CLOSED',
      lastSuccessAt: null,
      successes: 0,
      failures: 0,
      latencyP95Ms: null,
    }),
    ping: () => Promise.reject(unset()),
    close: () => Promise.resolve(),
  };
}
