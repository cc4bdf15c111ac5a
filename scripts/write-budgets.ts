/**
 * Writes the README's table of budgets from docs/bench.json. With `--check` it writes nothing and exits with 1 when the
 * table is not what would be written.
 */
import { tableIsWritten, writeTable } from './bench/table.ts';

if (!process.argv.includes('--check')) writeTable();
else if (!tableIsWritten()) {
  console.error('README.md does not match docs/bench.json; run: node scripts/write-budgets.ts');
  process.exitCode = 1;
}
