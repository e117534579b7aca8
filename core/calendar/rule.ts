/** The time limits of laws and playbooks, as versioned data: schema/rules/*.yaml. Every running clock names its rule and version. */
import { z } from 'zod';

const code = z.string().regex(/^[A-Z][A-Z_]*$/, 'is not a code such as APPRAISAL');
const day = z.iso.date('is not a day such as 2022-05-01');
const text = z.string('is missing').min(1, 'is empty');
const limit = z.strictObject({
  amount: z.number('is not a number').int('is not a whole number').positive('must be more than 0'),
  /** MONTHS become days when a clock starts: the public API has no months. */
  unit: z.enum(['HOURS', 'DAYS', 'WORKING_DAYS', 'MONTHS'], 'is none of HOURS, DAYS, WORKING_DAYS, MONTHS'),
});

const pause = z.strictObject({
  reason: code,
  nameZh: text,
  /** The article that lets the clock stand still for it. */
  basis: text,
});

const extension = z.strictObject({
  /** Each time; null: the rule sets no ceiling. */
  atMost: limit.nullable(),
  /** null: as often as whoever decides allows. */
  times: z.number('is not a number').int('is not a whole number').positive('must be more than 0').nullable(),
  /** Who decides. */
  by: z.enum(
    ['HEAD_OF_UNIT', 'COURT_PRESIDENT', 'COMMISSION_DIRECTOR', 'REVIEW_BODY_HEAD', 'REFERRER', 'CONSENT'],
    'is none of HEAD_OF_UNIT, COURT_PRESIDENT, COMMISSION_DIRECTOR, REVIEW_BODY_HEAD, REFERRER, CONSENT',
  ),
  basis: text,
  /** The person concerned is told, with the reason. */
  tellThePerson: z.boolean('is neither true nor false'),
});

const ruleVersion = z.strictObject({
  version: z.string('is missing; write it in quotes').regex(/^[0-9a-z][0-9a-z.-]*$/, 'is not a version such as "2022"'),
  /** First and last legal day in force; a clock keeps the version it started under. */
  from: day,
  to: day.nullable(),
  ...limit.shape,
  /** A last day that is a rest day moves to the next working day (民法典 203). */
  rolls: z.boolean('is neither true nor false'),
  starts: text,
  stops: text,
  pauses: z.array(pause),
  extension: extension.nullable(),
});
export type RuleVersion = Readonly<z.infer<typeof ruleVersion>>;

const rule = z.strictObject({
  id: z.string('is missing').regex(/^[a-z0-9]+([.-][a-z0-9]+)*$/, 'is not an id such as petition.objection'),
  name: text,
  nameZh: text,
  /** The law's Chinese short title, or the playbook's. */
  source: text,
  /** null where the limit stands in no numbered article. */
  article: z.string('is not text; write it in quotes').min(1, 'is empty').nullable(),
  url: z.url('is not an address').optional(),
  /** True where no law sets the amount: the default of a playbook, which a place may change. */
  setting: z.boolean('is neither true nor false').optional(),
  versions: z.array(ruleVersion).min(1, 'has no version'),
});
export type Rule = Readonly<z.infer<typeof rule>>;

/** A file on its own; what it may not repeat from other files is checked by `ruleFile`. */
export const ruleList = z.array(rule, 'is not a list of rules');

interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** `taken`: ids of the files read before, with the name of the file each stands in. */
export const ruleFile = (taken: ReadonlyMap<string, string>): typeof ruleList =>
  ruleList.superRefine((rules, context) => {
    const here = new Set<string>();
    for (const [index, { id, versions }] of rules.entries()) {
      const where = here.has(id) ? 'this file' : taken.get(id);
      here.add(id);
      const faults = versionFaults(versions);
      if (where) faults.push({ path: ['id'], message: `stands in ${where} already; give this rule another id` });
      for (const { path, message } of faults) {
        context.addIssue({ code: 'custom', path: [index, ...path], message });
      }
    }
  });

function versionFaults(versions: readonly RuleVersion[]): Fault[] {
  const faults: Fault[] = [];
  const names = new Set<string>();
  for (const [index, { version, from, to, unit, rolls }] of versions.entries()) {
    const fault = (key: string, message: string) => faults.push({ path: ['versions', index, key], message });
    if (names.has(version)) fault('version', 'stands here twice; running clocks could not tell which is meant');
    names.add(version);
    if (to !== null && to < from) fault('to', 'is before from; the last day in force cannot be before the first');
    if (unit === 'HOURS' && rolls) fault('rolls', 'must be false: periods in hours never move to a working day');
    const before = versions[index - 1];
    if (before && (before.to === null || before.to >= from)) {
      fault('from', 'is not after the last day of the version above; end that one the day before');
    }
  }
  return faults;
}
