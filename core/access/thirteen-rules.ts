/** The thirteen rules that no feature may break (domain.md), each with how it is decided here and where that stands. */

export interface Rule {
  readonly number: number;
  readonly title: string;
  readonly zh: string;
  readonly article: string;
  /** Who is shown what, or what is never done. */
  readonly decided: readonly string[];
  /** Files that decide it. */
  readonly where: readonly string[];
}

const PREDICATE = 'core/access/predicate.ts';

export const RULES: readonly Rule[] = [
  {
    number: 1,
    title: 'Accusation barrier',
    zh: '检举控告回避',
    article: '信访工作条例 22, 30, 46',
    decided: [
      'Records, disputes, referrals and messages of an accusation are absent for the accused organisation and all under it, whatever their role, link or reason.',
      'An accusation against nobody of the tree, or nobody named, is for its holder alone.',
      'It is never joined by rule with what the accused hold, so that they lose nothing by which they could know; as soon as anything that hangs together with it is theirs, it stands by itself. Nor is it linked by hand with what they hold.',
      'Nothing that they are shown of their own changes when it comes in: not why their record was joined, nor how many records a department has, to the last one.',
      'What might be one dispute with it is proposed to nobody of theirs, nor counted for them; with what they hold it is not proposed at all.',
      'It is routed and handed on past them; attempts are ROUTING_FORBIDDEN and written down.',
    ],
    where: [
      PREDICATE,
      'core/access/visible.ts',
      'core/access/visible-link-proposal.ts',
      'core/access/referral-sight.ts',
      'core/delivery/receiver.ts',
      'core/disputes/part-accusations.ts',
    ],
  },
  {
    number: 2,
    title: 'Purpose and need to know',
    zh: '目的与必要',
    article: '个人信息保护法 6, 28, 34',
    decided: [
      'A person is there for a caller whose organisation holds a record of theirs, or handles a dispute that names them.',
      'The purpose must be one that the caller’s role and kind of organisation may state; another is refused.',
      'Without a link only a supervisor of the county’s centre sees a person: for supervision, with a written reason, which is put before the auditors (`access.broken-glass`) before the answer leaves.',
      'An auditor is shown masked people and keys of records, not what records say; an analyst nobody.',
    ],
    where: [PREDICATE, 'core/access/purpose.ts', 'core/access/role-view.ts', 'core/audit/disclosure.ts'],
  },
  {
    number: 3,
    title: 'A basis per source',
    zh: '数据共享依据',
    article: '网络数据安全管理条例 16',
    decided: [
      'A department’s records are known to others only under an agreement in force that names the purpose; what only they say does not exist otherwise: nor does a dispute that only departments without an agreement in force tell of, unless the caller takes part in a referral of it.',
      'What those records say is read only where the agreement names such fields.',
      'A department reads its own part without one; the desk’s own records need none.',
    ],
    where: ['core/access/field-groups.ts', 'core/access/agreement.ts'],
  },
  {
    number: 4,
    title: 'Every disclosure is written down before it is answered',
    zh: '先记录后答复',
    article: '个人信息保护法 55, 56; 网络数据安全管理条例 12',
    decided: ['If it cannot be written down, nothing is answered.'],
    where: ['core/audit/disclosure.ts'],
  },
  {
    number: 5,
    title: 'Identifiers are masked',
    zh: '标识符脱敏',
    article: '个人信息保护法 51',
    decided: [
      'Citizen ID and telephones are clear for those who deal with people, and only with a reason; for programs, auditors and everybody else they stay masked.',
      'No error, log line, job, message or cursor has one.',
    ],
    where: ['core/access/role-view.ts', 'core/access/mask.ts'],
  },
  {
    number: 6,
    title: 'Sealed is absent, not greyed',
    zh: '封存即不存在',
    article: '治安管理处罚法 136; 未成年人保护法 103',
    decided: [
      'A sealed record is there for its holder, and for nobody else: not listed, not counted, not searched.',
      'Public-order penalties from 2026 on are sealed, whether or not the police’s system has marked them.',
      'At the desk a party under 18 stands on a sealed record of its own; place, address and title of the dispute are not told either.',
      'A record classified for other reasons is counted as withheld for those who may read that department’s part.',
    ],
    where: [PREDICATE, 'adapters/police/map.ts', 'core/disputes/desk-record.ts'],
  },
  {
    number: 7,
    title: 'Protected people',
    zh: '受保护的人',
    article: '反家庭暴力法 5, 13, 14, 18',
    decided: [
      'What is written down of violence at home, and civil-affairs changes linked with it, is for its holder and for those who serve her on that very case. A dispute is one of violence by its category, or by any of its records.',
      'Telephones of whoever is named there are shown to others only as far as they wrote them down themselves, and find nobody.',
      'Place, address and title of such a dispute, visits, and how people were told, are for the same.',
      'Who reported it is for the holder of the report alone.',
    ],
    where: [PREDICATE, 'core/access/guard.ts', 'core/access/grant.ts', 'core/access/referral-words.ts'],
  },
  {
    number: 8,
    title: 'Counselling notes stay with the counsellor',
    zh: '心理服务记录保密',
    article: '精神卫生法 23; 人民调解法 15',
    decided: [
      'Result, notes, visits and ratings of a counselling referral are for the organisation that wrote them down, and what its sender wrote for whoever leads or undertakes it: who is given it afterwards does not get them.',
      'What is noted while a delegated or entrusted mediation goes on is for whoever mediates; the court that sent it has its result.',
      'Of counselling others on the matter have its status; the outcome, in one word, only where the person agrees (`helpMayBeTold`): not in lists, messages, the log or an exported chain otherwise.',
    ],
    where: ['core/access/referral-words.ts'],
  },
  {
    number: 9,
    title: 'No scores of people',
    zh: '不给人打分',
    article: '个人信息保护法 24',
    decided: [
      'No field, filter or order of the API counts or ranks persons by how often they petition.',
      'Analysts are shown organisations, sources and what is counted by place and matter, no person.',
      'Of what is counted nothing under 5 is told, nor what would lead to it by subtraction; nothing sealed, classified or protected, no accusation, nothing of violence at home is in it.',
    ],
    where: ['core/access/role-view.ts', PREDICATE, 'core/measures/hide-small.ts'],
  },
  {
    number: 10,
    title: 'Identity is reversible',
    zh: '身份合并可撤销',
    article: '个人信息保护法 46',
    decided: [
      'Rows are decided by records and mentions, never by persons: what is split or undone is followed at once.',
    ],
    where: [PREDICATE, 'core/people/join-people.ts'],
  },
  {
    number: 11,
    title: 'The person’s word counts',
    zh: '尊重当事人意愿',
    article: '人民调解法 3, 23',
    decided: ['An objection blocks closing, whoever wants to close.'],
    where: ['core/referrals/decide-result.ts'],
  },
  {
    number: 12,
    title: 'Nothing is dropped in silence',
    zh: '不得无声遗失',
    article: '首接负责',
    decided: ['A department that does not answer is named; what cannot be delivered becomes the desk’s task.'],
    where: ['core/delivery/desk-task.ts', 'subgraphs/kit/department-part.ts'],
  },
  {
    number: 13,
    title: 'The person’s rights',
    zh: '个人的权利',
    article: '个人信息保护法 44 to 47, 57',
    decided: ['What was disclosed of whom can be told to them, and is written down by person.'],
    where: ['core/audit/disclosure.ts'],
  },
];
