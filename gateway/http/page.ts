/** The few pages of the gateway's own: plain, in Chinese and English, nothing from elsewhere, no script. */

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2a33; --paper: #fbfaf7; --line: #d9d4c8; --maple: #a8321f; --quiet: #5d6a72; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e4da; --paper: #171c20; --line: #37414a; --maple: #f08c74; --quiet: #9fabb3; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
main { max-width: 44rem; margin: 0 auto; padding: 4rem 1.5rem; }
h1 { margin: 0; font-size: 2rem; font-weight: 650; letter-spacing: .02em; }
h1 span { color: var(--maple); }
p.lead { margin: .4rem 0 2.5rem; color: var(--quiet); }
ul { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
li { border-bottom: 1px solid var(--line); }
li a { display: grid; grid-template-columns: minmax(9rem, 1fr) 2fr; gap: 0 1.5rem; padding: .8rem .3rem; color: inherit; text-decoration: none; }
li a:hover, li a:focus-visible { background: color-mix(in srgb, var(--maple) 8%, transparent); }
li b { color: var(--maple); font: 600 .95rem/1.7 ui-monospace, Menlo, Consolas, monospace; }
li small { color: var(--quiet); font-size: .9rem; }
footer { margin-top: 2rem; color: var(--quiet); font-size: .85rem; }
@media (max-width: 34rem) { li a { grid-template-columns: 1fr; } }
`;

/** Only this page's own style; no script at all. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
  `<title>${escape(title)}</title><style>${STYLE}</style></head><body><main>${body}</main></body></html>`;

export interface Link {
  readonly href: string;
  readonly chinese: string;
  readonly english: string;
}

export function startPage({ links, demo }: { readonly links: readonly Link[]; readonly demo: boolean }): string {
  const items = links.map(
    ({ href, chinese, english }) =>
      `<li><a href="${escape(href)}"><b>${escape(href)}</b><span>${escape(chinese)}<br><small>${escape(english)}</small></span></a></li>`,
  );
  const note = demo
    ? '演示环境：全县数据均为虚构。 <span lang="en">Demonstration: everybody and everything in this county is made up.</span>'
    : '查询个人信息须登录并说明用途。 <span lang="en">Reading a person’s data needs signing in and a purpose.</span>';
  return page(
    '枫桥 Maplebridge',
    `<h1><span>枫桥</span> Maplebridge</h1>` +
      `<p class="lead">矛盾纠纷多元化解的县域数据桥梁<br><span lang="en">What a county’s departments know about a dispute, joined when somebody with a reason asks</span></p>` +
      `<ul>${items.join('')}</ul><footer>${note}</footer>`,
  );
}

/** For a sign-in link that does not (or no longer) work. */
export function signInFailedPage(): string {
  return page(
    '登录链接无效 · Sign-in link',
    `<h1>登录链接无效或已过期</h1><p class="lead" lang="en">This sign-in link is not valid any more.</p>` +
      `<p>请重新运行 <code>npm start</code>，打开其中新的链接；或者用 <code>npx maplebridge token --org centre --role centre.operator</code> 取得令牌。</p>` +
      `<p lang="en">Start again with <code>npm start</code> and open the new link it prints, or get a token by <code>npx maplebridge token --org centre --role centre.operator</code>.</p>`,
  );
}
