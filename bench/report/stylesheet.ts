/** Light and dark as the reader's system has it. */
export const stylesheet = `
:root { color-scheme: light dark; --ink: #1c2430; --dim: #5d6877; --ground: #fff; --rule: #d9dee5;
  --own: #1769aa; --base: #9aa7b5; --bad: #b3261e; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9f0; --dim: #9aa7b5; --ground: #12171e;
  --rule: #2b3542; --own: #5ab0f2; --base: #56626f; --bad: #ff8a80; --warn: #ffc46b; } }
body { margin: 0 auto; max-width: 860px; padding: 1rem; font: 15px/1.5 system-ui, sans-serif;
  color: var(--ink); background: var(--ground); }
h1 { font-size: 1.5rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .3rem;
  border-bottom: 1px solid var(--rule); }
nav a { margin-right: .8rem; color: var(--own); } p { margin: .4rem 0; } small { color: var(--dim); }
figure { margin: 1rem 0; } figcaption { font-weight: 600; } figcaption small { font-weight: 400; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .15rem 1.2rem .15rem 0; }
svg { width: 100%; height: auto; font: 13px system-ui, sans-serif; fill: var(--ink); }
.name { text-anchor: end; dominant-baseline: middle; } .value { text-anchor: end;
  dominant-baseline: middle; font-variant-numeric: tabular-nums; }
.measured { fill: var(--own); } .baseline { fill: var(--base); }
.spread { stroke: var(--ink); stroke-width: 1.5; } .axis { stroke: var(--dim); fill: none; }
.tick, .label { fill: var(--dim); } .line { fill: none; stroke-width: 2; }
.line-name { dominant-baseline: middle; stroke: none; }
.line0 { stroke: var(--own); } .line1 { stroke: #c2571a; } .line2 { stroke: #2e8b57; }
.line3 { stroke: #8e5bb5; } .line4 { stroke: var(--base); }
.line-name { stroke-width: 0; } .warning, .missed, .left-out { color: var(--warn); }
.failed { color: var(--bad); }
`;
