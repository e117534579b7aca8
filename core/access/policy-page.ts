/** docs/access.md: the policy as a decision table, made from the data that decides. */
import { PURPOSES, ROLES } from './caller.ts';
import { GUARDS } from './guard.ts';
import { PURPOSE_RULES } from './purpose.ts';
import { FIELD_GROUPS, ROLE_VIEWS, type FieldGroup, type View } from './role-view.ts';
import { RULES } from './thirteen-rules.ts';

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

const WORDS: Readonly<Record<View, string>> = {
  SHOWN: 'shown',
  WITH_REASON: 'masked; clear with a reason',
  MASKED: 'masked',
  OWN: 'of own records',
  ABSENT: 'absent',
};

const groups = Object.entries(FIELD_GROUPS) as [FieldGroup, (typeof FIELD_GROUPS)[FieldGroup]][];

const roleTable = (): string =>
  table(
    ['Fields', ...ROLES.map((role) => `\`${role}\``)],
    groups.map(([group, { what, zh }]) => [`${what} ${zh}`, ...ROLES.map((role) => WORDS[ROLE_VIEWS[role][group]])]),
  );

const purposeTable = (): string =>
  table(
    ['Purpose', 'Roles', 'Kinds of organisation', 'Article'],
    PURPOSES.map((purpose) => {
      const { zh, roles, kinds, article } = PURPOSE_RULES[purpose];
      return [
        `\`${purpose}\` ${zh}`,
        roles.map((role) => `\`${role}\``).join(', '),
        kinds?.join(', ') ?? 'any',
        article,
      ];
    }),
  );

const guardTable = (): string =>
  table(
    ['Rule', 'What', 'Others see', 'Opens to', 'Kinds it opens to on their case', 'Article'],
    Object.values(GUARDS).map(({ rule, what, zh, instead, opensTo, kindsOnCase, article }) => [
      String(rule),
      `${what} ${zh}`,
      instead === 'COUNTED' ? 'a number' : 'nothing',
      opensTo,
      kindsOnCase.join(', '),
      article,
    ]),
  );

const rules = (): string =>
  RULES.map(({ number, title, zh, article, decided, where }) =>
    [
      `### ${number}. ${title} ${zh}`,
      `${article}. Decided in ${where.map((file) => `\`${file}\``).join(', ')}.`,
      decided.map((sentence) => `- ${sentence}`).join('\n'),
    ].join('\n\n'),
  ).join('\n\n');

/** Markdown, ending in a line's end. */
export const policyPage = (): string =>
  `${[
    '# Who may see what',
    'Made from the policy itself (`core/access`); to change a line here, change what decides it and run `UPDATE=1 npx vitest run --project units core/access/policy-page.test.ts`.',
    'Hidden means absent: null, a shorter list, a smaller count; never a refusal that would say that there is something. Four things are asked, in this order, and each can only take away: do the **rows** let the caller’s organisation come to it (a link); does the caller’s **role** have a view of such fields; is the **purpose** one of theirs, and named by the department’s agreement; does a **guard** keep it from them.',
    '## By role',
    'Of what the caller comes to at all. Several roles: the one that shows most, of those that may state the purpose stated. `Mutation`s are for all roles but `auditor` and `analyst`.',
    roleTable(),
    '## By purpose',
    'Header `x-purpose`; needed by whatever reaches a person’s data. One that is not the caller’s to state is BAD_USER_INPUT, and says which are.',
    purposeTable(),
    '## By guard',
    'They stand above every link, role, purpose and reason; supervision with a reason opens none of them.',
    guardTable(),
    '## The thirteen rules',
    rules(),
  ].join('\n\n')}\n`;
