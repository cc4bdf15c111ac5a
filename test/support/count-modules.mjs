/** Loaded before a program: writes which modules it has loaded, as JSON, to the file named by MODULES when it ends. */
import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const files = [];
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) files.push(url);
    return next(url, context);
  },
});
process.on('exit', () => {
  const inNode = process.moduleLoadList.map((name) => name.replace('NativeModule ', ''));
  writeFileSync(process.env.MODULES, JSON.stringify({ files, inNode }));
});
