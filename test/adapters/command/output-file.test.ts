import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { createOutputFile } from '../../../source/adapters/command/output-file.ts';
import { temporaryDirectory, until } from './programs.ts';

/** What all open files have their methods from. */
async function fileHandles(): Promise<{ prototype: FileHandle }> {
  const handle = await open('/dev/null');
  await handle.close();
  return { prototype: Object.getPrototypeOf(handle) as FileHandle };
}

async function immediate(_data: Buffer, _offset: number, length: number): Promise<{ bytesWritten: number }> {
  return { bytesWritten: length };
}

/** A disk with room for so many bytes, for every file that is written from now on. */
async function limitedDisk(t: TestContext, room: number) {
  const disk = { room, refusals: 0 };
  const { prototype } = await fileHandles();
  const { write } = prototype;
  const limited = async function (
    this: FileHandle,
    data: Buffer,
    offset: number,
    length: number,
    position: number,
  ) {
    if (disk.room === 0) {
      disk.refusals += 1;
      const error = { code: 'ENOSPC', errno: -constants.errno.ENOSPC };
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), error);
    }
    const size = Math.min(length, disk.room);
    disk.room -= size;
    return Reflect.apply(write, this, [data, offset, size, position]);
  };
  t.mock.method(prototype, 'write', limited as typeof write);
  return disk;
}

async function begin(t: TestContext, room: number) {
  const path = join(await temporaryDirectory(t), 'output.log');
  const output = await createOutputFile(path);
  t.after(async () => output.close());
  const disk = await limitedDisk(t, room);
  const stream = new PassThrough();
  const copied = output.copy(stream);
  const matches = async (kept: { bytes: number; sha256: string }): Promise<string> => {
    const content = await readFile(path);
    assert.equal(kept.bytes, content.length);
    assert.equal(kept.sha256, createHash('sha256').update(content).digest('hex'));
    return content.toString();
  };
  return { path, disk, output, stream, copied, matches };
}

test('output that found no room is written, whole and once, when there is room again', async (t) => {
  const { path, disk, output, stream, copied, matches } = await begin(t, 10);
  stream.write('first line\nsecond ');
  await until(() => disk.refusals > 0);
  stream.write('line\n');
  const full = await output.settle();
  assert.equal(await matches(full), 'first line');
  assert.equal(full.lost, '\nsecond line\n'.length);
  disk.room = Number.POSITIVE_INFINITY;
  // By itself, though nothing more comes.
  await until(async () => (await readFile(path, 'utf8')) === 'first line\nsecond line\n');
  stream.end('third line\n');
  await copied;
  const kept = await output.settle();
  assert.equal(await matches(kept), 'first line\nsecond line\nthird line\n');
  assert.equal(kept.lost, 0);
});

test('a full disk holds up no command, and the newest output is kept with a word of what is missing', async (t) => {
  const { disk, output, stream, copied, matches } = await begin(t, 6);
  const line = `${'x'.repeat(999)}\n`;
  const lines = 10_000;
  stream.write('begin\n');
  // Each is read on only when there is place for more: that it comes to an end shows that nothing waits.
  for (let count = 0; count < lines; count += 1)
    if (!stream.write(line)) await new Promise((resolve) => stream.once('drain', resolve));
  stream.write('pass');
  stream.end('word=canary\nthe end\n');
  await copied;
  disk.room = Number.POSITIVE_INFINITY;
  const kept = await output.settle();
  const text = await matches(kept);
  const mark = /^\[(\d+) bytes of output were lost: no space left on device\]$/m.exec(text);
  assert.equal(Number(mark?.[1]), kept.lost);
  assert.match(text, /^begin\n/);
  assert.match(text, /x\npassword=\[redacted\]\nthe end\n$/);
  assert.ok(kept.lost > 5_000_000 && kept.lost < lines * line.length);
  // Lines are lost or kept whole.
  assert.equal(kept.lost % line.length, 0);
  assert.equal(text.split(line).length - 1, lines - kept.lost / line.length);
});

test('text that comes at the very moment a write ends is not forgotten', async (t) => {
  const directory = await temporaryDirectory(t);
  // Writes that are over at once, so that all that happens is in order.
  const { prototype } = await fileHandles();
  t.mock.method(prototype, 'write', immediate as unknown as typeof prototype.write);
  // So long that the stream is not left to gather more.
  const [one, two] = ['one', 'two'].map((text) => Buffer.from(`${text.padEnd(32 * 1024 - 1)}\n`));
  for (let moment = 0; moment < 40; moment += 1) {
    const output = await createOutputFile(join(directory, `${moment}.log`));
    const end = Promise.withResolvers<void>();
    async function* stream(): AsyncGenerator<Buffer> {
      yield one!;
      for (let wait = 0; wait < moment; wait += 1) await Promise.resolve();
      yield two!;
      await end.promise;
    }
    const copied = output.copy(stream() as unknown as Readable);
    // All that happens by itself has happened then.
    await new Promise((resolve) => setImmediate(resolve));
    const kept = await output.settle();
    assert.deepEqual([kept.bytes, kept.lost], [64 * 1024, 0], `after ${moment}`);
    end.resolve();
    await copied;
    await output.close();
  }
});
