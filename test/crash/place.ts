import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Where runs are kept that are stopped: in memory where that can be. It is the order of things that is tried, not the disk. */
export const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
