/** The HTML record as a browser shows it. With PICTURES=DIRECTORY the pictures are kept there, to be looked at. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ChromiumPage } from '../support/chromium.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { needs } from '../support/needs.ts';

const golden = new URL('golden/troubled.html', import.meta.url);
const completed = new URL('golden/completed.html', import.meta.url);

function keep(name: string, data: Buffer): void {
  const directory = process.env['PICTURES'];
  if (directory === undefined) return;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), data);
}

function pages(pdf: Buffer): number {
  return pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
}

const windows = [
  { name: 'desktop', width: 1280, height: 1600 },
  { name: 'desktop in the dark', width: 1280, height: 1600, dark: true },
  { name: 'phone', width: 390, height: 1600 },
];

for (const { name, ...window } of windows) {
  test(
    `a browser on a ${name} shows the record, asks for nothing else and complains of nothing`,
    needs('chromium'),
    async (t) => {
      const page = await ChromiumPage.open(t, golden.pathname, window);
      const picture = await page.picture();
      keep(`${name.replaceAll(' ', '-')}.png`, picture);
      assert.equal(picture.readUInt32BE(16), window.width);
      const widths = await page.widths();
      assert.equal(widths.page, widths.window, 'the page is wider than the window');
      assert.deepEqual(page.requests, [golden.href]);
      assert.deepEqual(page.complaints, []);
    },
  );
}

test('on paper, what is folded away is there', needs('chromium'), async (t) => {
  const page = await ChromiumPage.open(t, completed.pathname, { width: 1280, height: 1600 });
  const paper = await page.paper();
  keep('completed.pdf', paper);
  assert.equal(paper.toString('latin1', 0, 5), '%PDF-');
  // The same page without the long output is a page shorter.
  const shorter = await temporaryDirectory(t);
  const file = join(shorter, 'shorter.html');
  const html = readFileSync(completed, 'utf8');
  writeFileSync(file, html.replace(/<details>[\s\S]*?<\/details>/, ''));
  const without = await ChromiumPage.open(t, file, { width: 1280, height: 1600 });
  assert.ok(pages(paper) > pages(await without.paper()), 'the folded output takes no room on paper');
});

test('a page that asked for something would be found out', needs('chromium'), async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'tampered.html');
  const html = readFileSync(golden, 'utf8').replace(
    '<main>',
    '<main><img src="http://127.0.0.1:9/x.png"><script>1</script>',
  );
  writeFileSync(file, html);
  const page = await ChromiumPage.open(t, file, { width: 1280, height: 800 });
  assert.match(page.complaints.join('\n'), /violates the following Content Security Policy directive/);
  assert.deepEqual(page.requests, [pathToFileURL(file).href, 'http://127.0.0.1:9/x.png']);
});
