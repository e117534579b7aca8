/** What is known of a department from the calls made to it. */
import type { CircuitState, DepartmentHealth, Freshness } from '../../core/department.ts';

export interface HealthRecord {
  succeeded(at: number): void;
  failed(): void;
  /** Of a successful interactive read. */
  took(ms: number): void;
  answered(status: Freshness['status']): void;
  report(circuit: CircuitState): DepartmentHealth;
}

/** The window that the 95th percentile is taken over: the last so many reads. */
const WINDOW = 256;

export function createHealthRecord(): HealthRecord {
  const latencies: number[] = [];
  let next = 0;
  let successes = 0;
  let failures = 0;
  let lastSuccessAt: number | null = null;
  // Before the first call nothing is known, and nothing is promised.
  let status: Freshness['status'] = 'UNAVAILABLE';
  return {
    succeeded(at) {
      successes += 1;
      if (lastSuccessAt === null) status = 'LIVE';
      lastSuccessAt = at;
    },
    failed() {
      failures += 1;
    },
    took(ms) {
      latencies[next] = ms;
      next = (next + 1) % WINDOW;
    },
    answered(given) {
      status = given;
    },
    report(circuit) {
      const sorted = [...latencies].sort((a, b) => a - b);
      return {
        status,
        circuit,
        lastSuccessAt: lastSuccessAt === null ? null : new Date(lastSuccessAt).toISOString(),
        successes,
        failures,
        latencyP95Ms: sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null,
      };
    },
  };
}
