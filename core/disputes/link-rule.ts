/** By what records without a reference between them are proposed as one dispute: schema/disputes/link-rule.yaml. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseYamlFile } from '../platform/county-config.ts';
import { projectRoot } from '../platform/project-root.ts';
import { isCategory } from './category.ts';

export const PARTIES = ['BOTH_SIDES', 'ONE_SIDE_SEVERAL', 'ONE_SIDE', 'ONE_SIDE_SOME'] as const;
export const CATEGORIES = ['SAME', 'RELATED'] as const;
export const PLACES = ['SAME', 'WITHIN', 'UNKNOWN'] as const;
export const TIMES = ['CLOSE', 'NEAR'] as const;

const bits = z.number('is not a number of bits');
const Category = z.string().refine(isCategory, 'is not a category of disputes');
const Sources = z.array(z.string().regex(/^[A-Z][A-Z_]*$/, 'is not a source code such as COURTS'));
const days = z.int('is not a whole number of days').positive('is not a number of days');

const LinkRule = z.strictObject({
  version: z.string().min(1),
  weights: z.strictObject({
    parties: z.record(z.enum(PARTIES), bits),
    category: z.record(z.enum(CATEGORIES), bits),
    place: z.record(z.enum(PLACES), bits),
    time: z.record(z.enum(TIMES), bits),
    order: z.record(z.string().regex(/^[A-Z_]+>[A-Z_]+$/, 'is not two source codes such as POLICE>COURTS'), bits),
    otherOrder: bits,
  }),
  propose: bits,
  join: bits,
  window: z.strictObject({ days, slow: z.strictObject({ days, categories: z.array(Category) }) }),
  related: z.array(z.array(Category).min(2)),
  following: Sources,
  namesOne: Sources,
  mostRecords: z.int().positive(),
});
export type LinkRule = z.infer<typeof LinkRule>;

const FILE = join(projectRoot, 'schema', 'disputes', 'link-rule.yaml');

/** Read once a process. */
let shipped: LinkRule | null = null;
export const shippedLinkRule = (): LinkRule => (shipped ??= parseYamlFile(readFileSync(FILE, 'utf8'), FILE, LinkRule));

const DAY = 86_400_000;

/** Milliseconds within which two records of these categories may be of one dispute: of the slower. */
export const windowOf = ({ window: { days: usual, slow } }: LinkRule, ...categories: readonly string[]): number =>
  (categories.some((category) => slow.categories.includes(category)) ? Math.max(usual, slow.days) : usual) * DAY;

/** How two categories go together; null: they do not. */
export const togetherAs = ({ related }: LinkRule, a: string, b: string): (typeof CATEGORIES)[number] | null =>
  a === b ? 'SAME' : related.some((line) => line.includes(a) && line.includes(b)) ? 'RELATED' : null;
