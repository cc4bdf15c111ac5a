/** Prints as many lines as given, each by itself, as kubectl does. */
import { writeSync } from 'node:fs';

const total = Number(process.argv[2]);
for (let line = 1; line <= total; line += 1) {
  const text = `${line} of ${total}: secret/bench-${line} of namespace team-${line % 97} replaced\n`;
  for (;;) {
    try {
      writeSync(1, text);
      break;
    } catch (error) {
      // A pipe that is full and does not block.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
