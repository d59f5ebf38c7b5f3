/** The style of the reference: one column on a telephone, contents beside it where there is room. */
export const referenceStyle = `
:root { color-scheme: light dark; --ink: light-dark(#1d2430, #e7eaf0); --quiet: light-dark(#5d6878, #9aa5b5);
  --paper: light-dark(#fbfaf7, #14171c); --card: light-dark(#fff, #1c2027); --line: light-dark(#e3e1da, #2c323c);
  --accent: light-dark(#0f6b5c, #5cc9b3); --soft: light-dark(#e4f2ef, #17332e); --post: light-dark(#7a4a12, #e5b673);
  --post-soft: light-dark(#f8ecd9, #352a1a); --code: light-dark(#20262f, #0d1014);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; scroll-padding-top: 1rem; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); }
a { color: var(--accent); text-underline-offset: 0.18em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -99rem; background: var(--card); padding: 0.5rem 1rem; z-index: 1; }
.skip:focus { left: 0.5rem; top: 0.5rem; }
code, pre { font: 0.86em/1.5 ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace; }
pre code { font-size: 1em; }
nav { padding: 1rem 1.25rem; background: var(--card); border-bottom: 1px solid var(--line); }
nav ul { list-style: none; margin: 0; padding: 0; }
nav > ul { display: flex; flex-wrap: wrap; gap: 0.35rem 1.1rem; font-size: 0.94rem; }
nav ul ul { display: none; }
.brand { margin: 0 0 0.5rem; font-weight: 700; letter-spacing: -0.01em; }
.brand span { color: var(--quiet); font-weight: 400; }
main { padding: 0 1.25rem 5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -0.02em; margin: 1.75rem 0 0.5rem; }
h2 { font-size: 1.4rem; line-height: 1.25; letter-spacing: -0.015em; margin: 3.5rem 0 0.4rem; }
#begin h2 { font-size: 1.05rem; margin-top: 2rem; letter-spacing: 0; }
h3 { font-size: 1.08rem; line-height: 1.35; margin: 0; text-wrap: balance; }
h3 a { color: inherit; text-decoration: none; }
h3 a:hover { text-decoration: underline; }
h4 { font-size: 0.78rem; font-weight: 600; color: var(--quiet); margin: 1.25rem 0 0.25rem; }
p { margin: 0 0 0.6rem; max-width: 46rem; }
.lead { font-size: 1.1rem; }
.operation, .schema { margin-top: 1.5rem; padding: 1.25rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 0.75rem; }
.operation:target, .schema:target, li:target { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
.route { margin: 0.4rem 0 0; overflow-wrap: anywhere; }
.route b, nav b { font: 600 0.72rem/1.6 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; padding: 0.05rem 0.4rem;
  border-radius: 0.3rem; background: var(--soft); color: var(--accent); }
.route b.post, nav b.post { background: var(--post-soft); color: var(--post); }
.columns p { font-size: 0.94rem; margin-bottom: 0.35rem; }
.content { color: var(--quiet); }
pre { margin: 1rem 0 0.5rem; padding: 0.9rem 1rem; overflow-x: auto; border-radius: 0.6rem; background: var(--code);
  color: #e7eaf0; tab-size: 2; }
pre:focus-visible { outline-color: var(--accent); border-radius: 0.6rem; }
.keeps { color: var(--quiet); }
.fields { list-style: none; margin: 0; padding: 0; font-size: 0.94rem; }
.fields > li { padding: 0.35rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.fields > li:first-child { border-top: 0; }
.fields .fields { margin: 0.3rem 0 0 0.2rem; padding-left: 0.9rem; border-left: 2px solid var(--line); }
.fields p { margin: 0; color: var(--quiet); }
.name { font-weight: 650; }
.type { color: var(--quiet); }
em { font-style: normal; font-size: 0.86em; color: var(--quiet); }
em.need { color: var(--post); font-weight: 600; }
@media (min-width: 62rem) {
  body { display: grid; grid-template-columns: 17rem minmax(0, 1fr); }
  nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; border: 0; border-right: 1px solid var(--line); }
  nav > ul { display: block; }
  nav > ul > li { margin-bottom: 0.6rem; }
  nav > ul > li > a { color: var(--ink); font-weight: 600; text-decoration: none; }
  nav ul ul { display: block; font-size: 0.86rem; }
  nav ul ul a { display: block; padding: 0.12rem 0; color: var(--quiet); text-decoration: none; }
  nav a:hover { text-decoration: underline !important; }
  main { padding: 0 2rem 8rem; max-width: 76rem; }
  .columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 25rem); gap: 2rem; }
  .example { position: sticky; top: 1rem; align-self: start; }
}
@media print { nav, .skip { display: none; } pre { background: none; color: inherit; border: 1px solid var(--line); white-space: pre-wrap; } }
`;
