/**
 * Every durable step broken twice: a call of the database or of the queues fails before it gets there, or gets there and the
 * answer is lost. Who asked asks again, the sweeps look again; in the end everything is as if nothing had happened, once.
 * All calls of every step: FULL=1.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFaultyOffice, type FaultyOffice } from '../kit/faulty-office.ts';
import { FAULT_MODES } from '../kit/faulty-port.ts';
import { askedSteps } from './act-steps.ts';
import { carriedSteps } from './carry-steps.ts';
import type { Step } from './step.ts';
import { newKey, register, story } from './story.ts';
import { callsOf, goWrong, prepare } from './trial.ts';

/** Calls of a step that are broken without FULL. */
const MOST = 5;
/** With it, on a machine that has other things to do. */
const LONG = 600_000;

let office: FaultyOffice;
beforeAll(async () => {
  office = await createFaultyOffice();
  await office.keep('nothing');
});
afterAll(() => office.close());

async function tried(step: Step): Promise<string[]> {
  await office.reset('nothing');
  const prepared = await prepare(office, step);
  const faults: string[] = [];
  for (const mode of FAULT_MODES)
    for (const at of callsOf(prepared, MOST)) faults.push(...(await goWrong(office, prepared, at, mode)));
  return faults;
}

for (const step of [...askedSteps, ...carriedSteps])
  test(`Broken anywhere, it comes out as if it had gone well: ${step.name}`, { timeout: LONG }, async () => {
    expect(await tried(step)).toEqual([]);
  });

/** As nobody should write it. */
const careless: readonly (Step & { readonly finds: RegExp })[] = [
  {
    name: 'asks again with a new key',
    finds: /failed but stored: there are rows twice/,
    isRepeated: true,
    prepare: async () => ({}),
    run: () => register(office, 'court', newKey()),
  },
  {
    name: 'stores what belongs together in two transactions',
    finds: /failed: missing: audit/,
    isRepeated: false,
    prepare: async () => ({ id: await story(office) }),
    async run({ productDb }) {
      await productDb.query('delete from delivery_attempt', []);
      await productDb.query(
        `insert into audit_entry (at, kind, actor_role, subject, about, bytes) values (now(), 'forgot', 'system', 'all', '{}', '{}')`,
        [],
      );
    },
  },
  {
    name: 'keeps in a queue what stands nowhere else',
    finds: /failed: missing: audit/,
    isRepeated: false,
    async prepare() {
      office.queues.work('careless', async () => {
        await office.db.query(
          `insert into audit_entry (at, kind, actor_role, subject, about, bytes) values (now(), 'done', 'system', 'all', '{}', '{}')`,
          [],
        );
      });
      return {};
    },
    async run({ queues }) {
      await queues.queue('careless').announce('all', 0);
      await queues.handOver('careless');
    },
  },
];

for (const step of careless)
  test(`A step is found that ${step.name}`, { timeout: LONG }, async () => {
    expect((await tried(step)).join('\n')).toMatch(step.finds);
  });
