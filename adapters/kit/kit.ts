/** What the house hands to every adapter. */
import type { CircuitState, SourceCode } from '../../core/department.ts';
import type { Clock } from '../../core/platform/clock.ts';
import type { Keyring } from '../../core/platform/keyring.ts';
import type { Log } from '../../core/platform/log.ts';
import type { SharedCache } from './shared-cache.ts';

export type KitLog = Pick<Log, 'info' | 'warn'>;

/** A department sent what its contract does not allow. Somebody has to look; nobody's data is in it. */
export interface DepartmentAlert {
  readonly source: SourceCode;
  readonly operation: 'read' | 'changes';
  /** Path of the field, in the words of the wire. */
  readonly field: string;
  /** Where the department finds it; null when the whole reply did not parse. */
  readonly where: string | null;
}

/** For metrics: one per call of a department's system. `outcome` is `ok` or why it failed. */
export interface DepartmentCall {
  readonly source: SourceCode;
  readonly operation: 'read' | 'changes' | 'ping';
  readonly outcome: string;
  readonly ms: number;
}

export interface Kit {
  readonly clock: Clock;
  readonly log: KitLog;
  readonly keyring: Keyring;
  /** Null: every process keeps its own last good answers only. */
  readonly shared: SharedCache | null;
  readonly onAlert?: (alert: DepartmentAlert) => void;
  readonly onCall?: (call: DepartmentCall) => void;
  readonly onCircuit?: (source: SourceCode, state: CircuitState) => void;
}
