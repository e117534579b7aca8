/** What the conformance checks need to know of a department whose system is a stand-in. */
import { randomBytes } from 'node:crypto';
import type { ConformanceContext } from '../../adapters/kit/conformance.ts';
import type { Kit } from '../../adapters/kit/kit.ts';
import { policySettings } from '../../adapters/kit/settings.ts';
import type { PolicySettings } from '../../adapters/kit/settings.ts';
import type { Department } from '../../core/department.ts';
import { systemClock } from '../../core/platform/clock.ts';
import { createKeyring } from '../../core/platform/keyring.ts';
import { silentLog } from '../../core/platform/log.ts';
import type { RunningDepartment } from '../../demo/departments/kit/open.ts';

/** Short waits: the same promises, sooner broken and kept. */
export const quickPolicy: PolicySettings = policySettings.parse({
  interactiveBudgetMs: 800,
  pingBudgetMs: 800,
  changesBudgetMs: 5_000,
  probeEveryMs: 200,
});

export const testKit = (overrides: Partial<Kit> = {}): Kit => ({
  clock: systemClock,
  log: silentLog,
  keyring: createKeyring(randomBytes(32)),
  shared: null,
  ...overrides,
});

export interface StandInContextOptions {
  readonly running: RunningDepartment;
  readonly create: (kit: Kit) => Department;
  readonly maxKeysPerCall: number;
  readonly unknownKey: string;
  readonly healthyStatus?: 'LIVE' | 'CACHED';
  readonly keepsAll?: boolean;
}

export function standInContext(options: StandInContextOptions): ConformanceContext {
  const { running, create, maxKeysPerCall, unknownKey } = options;
  return {
    open: ({ onAlert } = {}) => create(testKit(onAlert === undefined ? {} : { onAlert })),
    policy: quickPolicy,
    maxKeysPerCall,
    unknownKey,
    maxPages: 50,
    healthyStatus: options.healthyStatus ?? 'LIVE',
    keepsAll: options.keepsAll ?? false,
    misbehaviour: {
      slow: (ms) => running.behave({ slowMs: ms }),
      refuse: () => running.behave({ mode: 'refuse' }),
      garbage: () => running.behave({ mode: 'garbage' }),
      stop: () => running.behave({ mode: 'stop' }),
      heal: () => running.behave({ mode: 'heal' }),
      resetCounters: () => running.reset(),
      callsByKey: async () => (await running.counters()).byKey,
    },
  };
}
