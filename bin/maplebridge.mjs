#!/usr/bin/env node
// Builds what is needed, then hands over to main.ts as compiled.
import { buildIfStale } from './build.mjs';

// Nothing of Apollo's may report usage to its maker; a government network must see no such call.
process.env['APOLLO_TELEMETRY_DISABLED'] = '1';

const fault = buildIfStale();
if (fault) {
  console.error(fault);
  process.exitCode = 1;
} else {
  await import('../dist/main.js');
}
