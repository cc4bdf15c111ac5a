/**
 * Loaded into a process with `--import` before anything else: makes the machine another one, or its disk a bad one.
 * What is to be bad is said in the environment, so that the processes it starts have it as well.
 *
 * - BAD_HOST: the name of the machine. Its boot id and its own are made from it, so that it counts as another machine.
 * - BAD_USER: the name of the local account.
 * - BAD_PIDS: the pid namespace, as in another container.
 * - BAD_CLOCK: milliseconds the clock is ahead.
 * - BAD_RANDOM: two bytes asked of chance are zeros the first time.
 * - BAD_DISK: a file that says what the disk refuses, read at each operation: `{"path", "operations", "code"}`, the path
 *   as a regular expression. While there is no such file, the disk is sound. What was refused is listed beside it, in a
 *   file of this name with `.refused` at its end.
 */
import crypto from 'node:crypto';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

const { BAD_HOST, BAD_USER, BAD_PIDS, BAD_CLOCK, BAD_RANDOM, BAD_DISK } = process.env;

if (BAD_HOST !== undefined) {
  os.hostname = () => BAD_HOST;
  const { readFile } = fs.promises;
  const own = {
    '/proc/sys/kernel/random/boot_id': `boot-of-${BAD_HOST}\n`,
    '/etc/machine-id': `machine-of-${BAD_HOST}\n`,
  };
  fs.promises.readFile = async (path, ...rest) => own[path] ?? readFile(path, ...rest);
}

if (BAD_USER !== undefined) {
  const { userInfo } = os;
  os.userInfo = (...words) => ({ ...userInfo(...words), username: BAD_USER });
}

if (BAD_PIDS !== undefined) {
  const { readlink } = fs.promises;
  fs.promises.readlink = async (path, ...rest) =>
    path === '/proc/self/ns/pid' ? `pid:[${BAD_PIDS}]` : readlink(path, ...rest);
}

if (BAD_CLOCK !== undefined) {
  const Sound = Date;
  const ahead = Number(BAD_CLOCK);
  globalThis.Date = class extends Sound {
    constructor(...given) {
      super(...(given.length === 0 ? [Sound.now() + ahead] : given));
    }

    static now() {
      return Sound.now() + ahead;
    }
  };
}

if (BAD_RANDOM !== undefined) {
  const { randomBytes } = crypto;
  let asked = false;
  crypto.randomBytes = (size, ...rest) => {
    if (size !== 2 || asked) return randomBytes(size, ...rest);
    asked = true;
    return Buffer.alloc(2);
  };
}

if (BAD_DISK !== undefined) {
  const { open, link, rename, mkdir } = fs.promises;
  const refuse = (path, operation) => {
    let refused;
    try {
      refused = JSON.parse(fs.readFileSync(BAD_DISK, 'utf8'));
    } catch {
      return;
    }
    if (!new RegExp(refused.path).test(path) || !refused.operations.includes(operation)) return;
    fs.appendFileSync(`${BAD_DISK}.refused`, `${operation} ${path}\n`);
    const errno = -os.constants.errno[refused.code];
    const words = { ENOSPC: 'no space left on device', EROFS: 'read-only file system', EIO: 'i/o error' };
    throw Object.assign(new Error(`${refused.code}: ${words[refused.code]}, ${operation}`), {
      code: refused.code,
      errno,
      syscall: operation,
    });
  };
  fs.promises.open = async (path, flags, ...rest) => {
    if (flags !== 'r') refuse(path, 'open');
    const handle = await open(path, flags, ...rest);
    for (const operation of ['write', 'writeFile', 'sync', 'truncate']) {
      const sound = handle[operation];
      handle[operation] = async (...words) => {
        refuse(path, operation);
        return Reflect.apply(sound, handle, words);
      };
    }
    return handle;
  };
  for (const [name, sound] of Object.entries({ link, rename, mkdir }))
    fs.promises[name] = async (...words) => {
      refuse(words.at(name === 'mkdir' ? 0 : 1), name);
      return sound(...words);
    };
}

syncBuiltinESMExports();
