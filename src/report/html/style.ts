/** How the document looks: on a screen by day and by night, narrow or wide, and on paper. */
export const style = `:root {
  color-scheme: light dark;
  --passed: light-dark(#1a7f37, #57c479);
  --failed: light-dark(#b3261e, #ff8a80);
  --partial: light-dark(#8a5a00, #e8b339);
  --faint: light-dark(#5c636b, #9aa3ad);
  --line: light-dark(#d5d9de, #3a4048);
  --sheet: light-dark(#ffffff, #1b1e22);
  --ground: light-dark(#f3f4f6, #121417);
  font: 15px/1.5 system-ui, sans-serif;
}
body { margin: 0; background: var(--ground); overflow-wrap: anywhere; }
main { display: flex; flex-direction: column; max-width: 62rem; margin: 0 auto; padding: 1rem; }
section { margin: 0.5rem 0; }
main > p, section.outcomes { order: -1; }
section.tunnel, section.outcomes, section.part { background: var(--sheet); border: 1px solid var(--line); border-radius: 6px; padding: 0.5rem 1.25rem; }
h2, h3, h4 { white-space: pre-wrap; }
h2 { font-size: 1.1rem; margin: 0.5rem 0; }
h2.capture { font-size: 0.95rem; font-weight: 600; color: var(--faint); }
h3 { font-size: 1.05rem; margin: 1.25rem 0 0.25rem; }
h4 { font-size: 1rem; margin: 1rem 0 0.25rem; }
h4.section { font-size: 0.95rem; }
p { margin: 0.25rem 0; }
p.inner { margin-left: 1.25rem; }
a { color: inherit; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; font-weight: normal; padding: 0.15rem 1rem 0.15rem 0; }
thead th { color: var(--faint); border-bottom: 1px solid var(--line); }
table.entries { width: 100%; margin: 0.75rem 0; }
table.entries tr + tr { border-top: 1px solid var(--line); }
table.entries th { white-space: nowrap; width: 9.5rem; }
td.aside { text-align: right; color: var(--faint); padding-right: 0; min-width: 8rem; }
.wide { overflow-x: auto; overflow-wrap: normal; margin: 0.5rem 0; font-size: 0.9rem; }
.passed { color: var(--passed); }
.failed { color: var(--failed); }
.partial { color: var(--partial); }
.faint { color: var(--faint); font-weight: normal; }
details { margin: 0.75rem 0 0.5rem; border-top: 1px solid var(--line); padding-top: 0.5rem; }
summary { cursor: pointer; color: var(--faint); }
footer { max-width: 62rem; margin: 0 auto; padding: 0 1rem 1rem; color: var(--faint); font-size: 0.85rem; }
@media (max-width: 40rem) {
  table.entries, table.entries tr, table.entries th, table.entries td { display: block; width: auto; }
  td.aside { text-align: left; }
}
@media print {
  body { background: none; }
  section { break-inside: avoid-page; }
}
`;
