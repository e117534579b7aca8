import type { Department } from '../../core/department.ts';
import type { Metrics } from '../../core/platform/metrics.ts';

const CIRCUIT = { CLOSED: 0, HALF_OPEN: 1, OPEN: 2 } as const;

/** How each department's system is doing, as /metrics tells it: from what is known, nobody is asked. */
export function observeDepartments(metrics: Metrics, departments: readonly Department[]): void {
  const gauge = (name: string, help: string, valueOf: (health: ReturnType<Department['health']>) => number | null) =>
    metrics.gauge(`maplebridge_department_${name}`, help, ['source'], (gauge) => {
      for (const department of departments) {
        const value = valueOf(department.health());
        if (value !== null) gauge.set({ source: department.code }, value);
      }
    });
  gauge('available', '1 while the system answers or its last answers can be shown.', ({ status }) =>
    status === 'UNAVAILABLE' ? 0 : 1,
  );
  gauge('live', '1 while the system itself answers.', ({ status }) => (status === 'LIVE' ? 1 : 0));
  gauge('circuit', '0 closed, 1 half open, 2 open.', ({ circuit }) => CIRCUIT[circuit]);
  gauge('successes', 'Successful calls since the start.', ({ successes }) => successes);
  gauge('failures', 'Failed calls since the start.', ({ failures }) => failures);
  gauge('latency_p95_seconds', 'Of successful interactive reads.', ({ latencyP95Ms }) =>
    latencyP95Ms === null ? null : latencyP95Ms / 1000,
  );
}
