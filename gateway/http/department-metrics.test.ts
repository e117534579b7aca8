import { expect, test } from 'vitest';
import type { Department, DepartmentHealth } from '../../core/department.ts';
import { createMetrics } from '../../core/platform/metrics.ts';
import { observeDepartments } from './department-metrics.ts';

test('Metrics tell how each department’s system is doing at the moment of asking', async () => {
  let health: DepartmentHealth = {
    status: 'LIVE',
    circuit: 'CLOSED',
    lastSuccessAt: null,
    successes: 3,
    failures: 0,
    latencyP95Ms: 80,
  };
  const department: Department = {
    code: 'COURTS',
    read: () => Promise.reject(new Error('not asked')),
    changes: () => Promise.reject(new Error('not asked')),
    health: () => health,
    ping: () => Promise.reject(new Error('not asked')),
    close: () => Promise.resolve(),
  };
  const metrics = createMetrics({ process: false });
  observeDepartments(metrics, [department]);
  expect(await metrics.render()).toContain('maplebridge_department_latency_p95_seconds{source="COURTS"} 0.08');
  health = { ...health, status: 'UNAVAILABLE', circuit: 'OPEN', failures: 5 };
  const text = await metrics.render();
  expect(text).toContain('maplebridge_department_available{source="COURTS"} 0');
  expect(text).toContain('maplebridge_department_circuit{source="COURTS"} 2');
});
