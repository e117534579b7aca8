/** The pages people read, and what stands in them that can be checked. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../core/platform/project-root.ts';

export interface Page {
  /** From the root of the project. */
  readonly path: string;
  readonly text: string;
}

export interface Block {
  readonly language: string;
  readonly code: string;
}

const roomPages = (folder: string): string[] =>
  readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('README.md'))
    .map((file) => `${folder}/${file}`);

export const readPage = (path: string): Page => ({ path, text: readFileSync(join(projectRoot, path), 'utf8') });

export const pages: readonly Page[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(projectRoot, 'docs')).map((file) => `docs/${file}`),
  ...roomPages('adapters'),
  ...roomPages('subgraphs'),
].map(readPage);

export const blocksOf = ({ text }: Page): Block[] =>
  [...text.matchAll(/^```(\w+)\n(.*?)^```/gms)].map(([, language = '', code = '']) => ({ language, code }));

export interface DocumentedQuery {
  readonly query: string;
  /** The block of JSON right behind it. */
  readonly variables: Readonly<Record<string, unknown>>;
}

export const queriesOf = (page: Page): DocumentedQuery[] => {
  const blocks = blocksOf(page);
  return blocks.flatMap(({ language, code }, index) => {
    if (language !== 'graphql') return [];
    const next = blocks[index + 1];
    const variables = next?.language === 'json' ? (JSON.parse(next.code) as Readonly<Record<string, unknown>>) : {};
    return [{ query: code, variables }];
  });
};

/** What stands between backticks, in the text or in shell blocks. */
export const codeOf = (page: Page): string[] => [
  ...[...page.text.replaceAll(/^```.*?^```/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code),
  ...blocksOf(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => code.split('\n').map((line) => line.replace(/\s+#.*$/, ''))),
];

/** The request body of the first `curl … --data` on a page. */
export function curlBodyOf({ text }: Page): string {
  const [, body] = /--data '(.*)'/.exec(text) ?? [];
  if (body === undefined) throw new Error('the page has no curl');
  return body;
}
