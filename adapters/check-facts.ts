/** What the conformance checks must be told of each department's system. A new department is one more entry. */
import type { ConformanceContext } from './kit/conformance.ts';

export interface CheckFacts extends Pick<ConformanceContext, 'unknownKey' | 'healthyStatus'> {
  /** By the adapter's default settings. */
  readonly maxKeysPerCall: number;
  /** Its rows are kept here, because it only drops files. */
  readonly keepsAll: boolean;
}

export const checkFacts = {
  courts: { unknownKey: '99999999', maxKeysPerCall: 200, healthyStatus: 'LIVE', keepsAll: false },
  police: { unknownKey: 'f'.repeat(24), maxKeysPerCall: 500, healthyStatus: 'LIVE', keepsAll: false },
  petitions: { unknownKey: 'F'.repeat(32), maxKeysPerCall: 500, healthyStatus: 'LIVE', keepsAll: false },
  'civil-affairs': { unknownKey: 'HY9999999999', maxKeysPerCall: 5_000, healthyStatus: 'LIVE', keepsAll: true },
} as const satisfies Readonly<Record<string, CheckFacts>>;
