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
main, footer { max-width: 62rem; margin: 0 auto; padding: 1rem; }
footer { padding-top: 0; color: var(--faint); font-size: 0.85rem; }
section { margin: 0.5rem 0; }
section.tunnel, section.outcomes, section.part { background: var(--sheet); border: 1px solid var(--line); border-radius: 6px; padding: 0.5rem 1.25rem; }
h1 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 0.5rem; }
h2, h3, h4, h5 { white-space: pre-wrap; }
h2 { font-size: 1.1rem; margin: 0.5rem 0; }
h2.capture { font-size: 0.95rem; font-weight: 600; color: var(--faint); margin-top: 1.25rem; }
h3.tunnel { font-size: 1.1rem; margin: 0.5rem 0; }
h3, h4, h5 { font-size: 1rem; margin: 1rem 0 0.25rem; }
h4.call { font-size: 1.05rem; margin-top: 1.25rem; }
h4.section { font-size: 0.95rem; }
h3.finding { white-space: normal; }
h3.finding > span { display: inline-block; min-width: 4.75rem; }
p { margin: 0.25rem 0; }
p.inner { margin-left: 1.25rem; }
a { color: inherit; }
:focus-visible { outline: 2px solid; outline-offset: 2px; }
dl { margin: 0.75rem 0; }
dl div { display: grid; grid-template-columns: 9.5rem 1fr auto; column-gap: 1rem; padding: 0.15rem 0; }
dl div + div { border-top: 1px solid var(--line); }
dd { margin: 0; }
dd.aside { text-align: right; color: var(--faint); }
table { border-collapse: collapse; margin: 0.5rem 0; font-size: 0.9rem; }
th, td { min-width: 3.2rem; text-align: left; vertical-align: top; font-weight: normal; padding: 0.15rem 1rem 0.15rem 0; }
th { overflow-wrap: break-word; }
thead th { color: var(--faint); }
thead th, thead td { border-bottom: 1px solid var(--line); }
table.ladder { width: 100%; }
table.ladder td:nth-child(2) { border: solid var(--faint); border-width: 0 2px; padding: 0.15rem 0.5rem; width: 75%; }
table.ladder td:first-child { white-space: nowrap; }
table.ladder td:last-child { padding: 0.15rem 0 0.15rem 0.5rem; }
.ends { display: flex; flex-wrap: wrap; justify-content: space-between; column-gap: 1rem; }
td.server { text-align: right; }
td.counted, td.silence, td.note { text-align: center; }
td.counted { background: var(--ground); }
.passed { color: var(--passed); }
.failed { color: var(--failed); }
.partial { color: var(--partial); }
.faint { color: var(--faint); font-weight: normal; }
details { margin: 0.75rem 0 0.5rem; border-top: 1px solid var(--line); padding-top: 0.5rem; }
summary { cursor: pointer; color: var(--faint); }
@media (max-width: 40rem) {
  main { padding: 0.75rem 0.5rem; }
  section.tunnel, section.outcomes, section.part { padding: 0.25rem 0.75rem; }
  dl div { grid-template-columns: 1fr auto; }
  dl div > :nth-child(2) { grid-area: 2 / 1 / auto / -1; }
  table { font-size: 0.82rem; }
  th, td { padding-right: 0.5rem; }
  table.ladder td:first-child { white-space: normal; }
}
@media print {
  :root { color-scheme: light; font-size: 10pt; }
  body { background: none; }
  main, footer { max-width: none; padding: 0; }
  section.tunnel, section.outcomes, section.part { border-radius: 0; }
  h1, h2, h3, h4, h5, thead { break-after: avoid; }
  dl div, tr, p { break-inside: avoid; }
}
`;
