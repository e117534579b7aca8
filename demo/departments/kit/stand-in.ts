/** What a stand-in for a department's system is made of. An author writes a `StandIn`; the kit runs it. */
import type { DepartmentName } from '../../county/model.ts';

/** How the system behaves right now. Set from outside by `POST /behave`; a stand-in looks at it at every request. */
export interface Behaviour {
  /** refuse: its protocol's own way to say no · garbage: bytes that do not parse · stop: nobody listens (the kit does that). */
  readonly mode: 'healthy' | 'refuse' | 'garbage' | 'stop';
  /** So long before any answer, instead of its usual latency; 0 is healthy. */
  readonly slowMs: number;
}

/** What an author may ask the kit for, at any time. */
export interface StandInContext {
  /** A folder of its own, kept over restarts. */
  readonly dir: string;
  /** The made-up county's folder: `loadRows(countyDir, name)`. */
  readonly countyDir: string;
  /** A random password or signing key of this installation, kept over restarts. */
  readonly secret: string;
  readonly now: () => Date;
  behaviour(): Behaviour;
  /** Counts one call: `byKey`, `changes` or `other`. */
  count(call: keyof Counters): void;
  /**
   * Waits as long as such a system takes (seeded, about log-normal, at most twice the median; longer under load), or
   * `slowMs`. Ends early when `signal` fires. Call it once per request.
   */
  latency(signal?: AbortSignal): Promise<void>;
}

/** Since the last `POST /reset`. */
export interface Counters {
  byKey: number;
  changes: number;
  other: number;
}

/** A running stand-in, as its author returns it. */
export interface StandInServer {
  /** Starts listening on 127.0.0.1; 0 is any free port. Resolves with the port. Called again after `unlisten`. */
  listen(port: number): Promise<number>;
  /** Nobody listens any more, and open connections are cut: new ones are refused. */
  unlisten(): Promise<void>;
  /** What an adapter needs to know besides the port; goes to the state file and to `RunningDepartment.connection`. */
  readonly connection: Readonly<Record<string, string>>;
  /** `POST /change` with any JSON: changes or deletes a row, for tests. Its result is sent back. */
  change(request: unknown): Promise<unknown>;
  close(): Promise<void>;
}

export interface StandIn {
  readonly name: DepartmentName;
  /** Median time such a system takes to answer. */
  readonly latencyMs: number;
  open(context: StandInContext): Promise<StandInServer>;
}
