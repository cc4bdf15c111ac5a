/** What the bundle changes in libraries so that the tool is there sooner. What we use of them does the same as before. */
import type { Plugin } from 'rolldown';

/** Text whose every character is one column wide by itself, whatever stands beside it: most of what the screen shows. */
export const oneColumnEach =
  /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u2319\u2500-\u25fc\u2713-\u2718]*$/;

interface Change {
  /** The end of the module's path. */
  module: string;
  /** What is there; the build fails when it is not any longer. */
  from: string;
  to: string;
}

const changes: readonly Change[] = [
  // Subcommands can be programs of their own; ours are not, and need nothing that starts programs.
  {
    module: 'commander/lib/command.js',
    from: "import childProcess from 'node:child_process';",
    to: 'const childProcess = undefined;',
  },
  // Yoga fetches the WebAssembly that it carries as a data URL; for that Node loads its whole HTTP client. Without `fetch`
  // it decodes it in place.
  {
    module: 'yoga-layout/dist/binaries/yoga-wasm-base64-esm.js',
    from: 'var loadYoga = (() => {',
    to: 'var loadYoga = (() => {\n  const fetch = undefined;',
  },
  // A list of every emoji is made into a pattern when the module is loaded, and compiled for the first character outside
  // of ASCII.
  {
    module: 'string-width/index.js',
    from: 'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;',
    to: 'let rgiEmoji;\nconst rgiEmojiRegex = {test: segment => (rgiEmoji ??= /^\\p{RGI_Emoji}$/v).test(segment)};',
  },
  {
    module: 'string-width/index.js',
    from: '\tlet width = 0;\n\tconst eastAsianWidthOptions',
    to: `\tif (${oneColumnEach}.test(string)) return string.length;\n\tlet width = 0;\n\tconst eastAsianWidthOptions`,
  },
];

/** Makes the changes; fails when a library no longer reads as they expect. */
export function quickStart(): Plugin {
  const made = new Set<Change>();
  return {
    name: 'quick-start',
    transform(code, id) {
      const path = id.replaceAll('\\', '/');
      const here = changes.filter(({ module }) => path.endsWith(`/node_modules/${module}`));
      if (here.length === 0) return null;
      return here.reduce((text, change) => {
        if (text.split(change.from).length !== 2)
          throw new Error(
            `${change.module} is not as scripts/build/quick-start.ts expects it: ${change.from}`,
          );
        made.add(change);
        return text.replace(change.from, () => change.to);
      }, code);
    },
    buildEnd() {
      const missing = changes.find((change) => !made.has(change));
      if (missing !== undefined) throw new Error(`${missing.module} is not part of the bundle any longer.`);
    },
  };
}
