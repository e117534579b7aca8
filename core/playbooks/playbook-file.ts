/** How a playbook stands in its file: whole, or as what it changes of another (`extends`). Also an editor's JSON Schema. */
import { z } from 'zod';
import { Playbook } from './playbook.ts';

const Base = z.string().regex(/^[A-Z0-9][A-Z0-9-]*(@.+)?$/, 'an id such as STANDARD, or with its version STANDARD@1');

const { id, version, steps, clocks, closing, ...rest } = Playbook.shape;
const Step = steps.element;
const Clock = clocks.unwrap().element;
const { id: stepId, ...stepRest } = Step.shape;
const { id: clockId, ...clockRest } = Clock.shape;

/** An entry of the base that this playbook does without. */
const Removal = z.strictObject({ id: stepId, remove: z.literal(true) });
/** Where a new thing stands, or one of the base now stands: before the thing of this id. At the end without it. */
const before = stepId.optional();

export const ExtendingPlaybook = z.strictObject({
  extends: Base,
  id,
  version,
  ...z.strictObject(rest).partial().shape,
  steps: z
    .array(z.union([Removal, z.strictObject({ id: stepId, before, ...z.strictObject(stepRest).partial().shape })]))
    .optional(),
  clocks: z
    .array(z.union([Removal, z.strictObject({ id: clockId, before, ...z.strictObject(clockRest).partial().shape })]))
    .optional(),
  closing: closing.unwrap().partial().optional(),
});

export const PlaybookFile = z.union([Playbook, ExtendingPlaybook]);

/** Committed as schema/playbooks/playbook.schema.json; the files name it in their first line. */
export const playbookJsonSchema = (): string =>
  JSON.stringify({ title: 'Playbook (工作法) of Maplebridge', ...z.toJSONSchema(PlaybookFile, { io: 'input' }) });
