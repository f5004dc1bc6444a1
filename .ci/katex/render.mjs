// Renders every ```math block and every inline $`…`$ of the given Markdown files with KaTeX in strict mode, and holds them to
// what GitHub's own renderer is known to refuse. Prints file:line and the reason of each failure; exit code 1 if there is one.
// Usage: node render.mjs FILE.md …

import { readFileSync } from "node:fs";
import katex from "katex";

// "The following macros are not allowed": github.com/github/markup/issues/1688
const REFUSED_BY_GITHUB = /\\(operatorname|mbox|[hv]?phantom|newcommand|renewcommand|def|let|href|class|style)\b/;
const AT_LEAST = { pages: 48, blocks: 600, inline: 1000 }; // fewer means that they were not found

/** The math of a page: [{ line, tex, display, before, after }], the last two being the neighbours of inline math. */
function mathOf(markdown) {
  const found = [];
  const lines = markdown.split("\n");
  let prose = { text: "", line: 1 };
  const flush = (next) => {
    found.push(...inlineMath(prose.text, prose.line));
    prose = { text: "", line: next };
  };
  for (let k = 0; k < lines.length; k++) {
    const fence = lines[k].match(/^ *(`{3,}|~{3,}) *(.*)$/);
    if (fence) {
      const start = k;
      const closes = (line) => line.trim().startsWith(fence[1]) && /^[`~]+$/.test(line.trim());
      do k++; while (k < lines.length && !closes(lines[k]));
      if (k === lines.length) throw new Error(`line ${start + 1}: this block is never closed`);
      flush(k + 2);
      if (fence[2].trim() === "math") {
        found.push({ line: start + 1, tex: lines.slice(start + 1, k).join("\n"), display: true });
      }
    } else if (lines[k].trim() === "") {
      flush(k + 2);
    } else {
      prose.text += lines[k] + "\n";
    }
  }
  flush(0);
  return found;
}

/** Inline math of a paragraph: a code span of one backtick between dollars. Any other dollar outside of code is reported. */
function inlineMath(text, firstLine) {
  const found = [];
  let at = 0;
  for (const span of text.matchAll(/(`+)([\s\S]*?[^`])\1(?!`)/g)) {
    const line = firstLine + text.slice(0, span.index).split("\n").length - 1;
    const end = span.index + span[0].length;
    const isMath = span[1] === "`" && text[span.index - 1] === "$" && text[end] === "$";
    if (text.slice(at, span.index - (isMath ? 1 : 0)).includes("$")) found.push({ line, stray: true });
    if (isMath) {
      found.push({ line, tex: span[2], display: false, before: text[span.index - 2] ?? "", after: text[end + 1] ?? "" });
    }
    at = isMath ? end + 1 : end;
  }
  if (text.slice(at).includes("$")) found.push({ line: firstLine, stray: true });
  return found;
}

/** Why this piece of math cannot be shown, or null. */
function refusal(math) {
  if (math.stray) return "a dollar outside of $`…`$: GitHub may take it for the beginning of a formula";
  const macro = math.tex.match(REFUSED_BY_GITHUB);
  if (macro) return `GitHub does not allow ${macro[0]}; write \\mathrm{…} for the name of a function`;
  if (!math.display && (/[\w-]/.test(math.before) || /\w/.test(math.after))) {
    return `GitHub does not render $\`${math.tex}\`$ next to a letter, a digit or a hyphen`;
  }
  try {
    katex.renderToString(math.tex, { displayMode: math.display, throwOnError: true, strict: "error" });
    return null;
  } catch (error) {
    return error.message;
  }
}

/** The check has teeth: each of these is refused, and the last is not. */
function selfTest() {
  const wrong = [
    "```math\n\\frac{1}{2\n```",
    "```math\n\\sigmma\n```",
    "```math\n½\n```",
    "$`\\operatorname{erf} x`$",
    "a $ b",
    "in$`x`$",
  ];
  for (const page of wrong) {
    if (!mathOf(page).some(refusal)) throw new Error(`this mistake was not noticed: ${page}`);
  }
  const right = "Here $`x`$, and ``$`y`$`` in code:\n```math\n\\boxed{x = 1} \\tag{X}\n```\n```python\nprint('$')\n```\n";
  if (mathOf(right).length !== 2 || mathOf(right).some(refusal)) throw new Error("a right page was refused");
}

selfTest();
const files = process.argv.slice(2);
const count = { pages: files.length, blocks: 0, inline: 0 };
let failures = 0;
for (const file of files) {
  for (const math of mathOf(readFileSync(file, "utf8"))) {
    if (!math.stray) count[math.display ? "blocks" : "inline"]++;
    const reason = refusal(math);
    if (reason !== null) {
      failures++;
      console.error(`${file}:${math.line}: ${reason}`);
    }
  }
}
console.log(`KaTeX ${katex.version}: ${count.pages} pages, ${count.blocks} blocks, ${count.inline} inline, ${failures} failures`);
for (const [what, least] of Object.entries(AT_LEAST)) {
  if (count[what] < least) {
    failures++;
    console.error(`only ${count[what]} ${what} were found, and there should be ${least} or more`);
  }
}
process.exit(failures === 0 ? 0 : 1);
