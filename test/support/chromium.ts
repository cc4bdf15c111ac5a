/** A headless Chromium that shows one file, driven over the pipe of its DevTools protocol. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';

const options = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--hide-scrollbars',
  '--remote-debugging-pipe',
];

interface Message {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** A page as it was shown, and everything it did meanwhile. */
export class ChromiumPage {
  /** Addresses the page asked for, its own and those its policy refused among them. */
  readonly requests: string[] = [];
  /** What it complained of: in its console, and refused by its own policy. */
  readonly complaints: string[] = [];
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #loaded = Promise.withResolvers<void>();
  #session: string | undefined;
  #sent = 0;

  private constructor(profile: string) {
    this.#process = spawn('chromium', [...options, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    const [, , , , incoming] = this.#process.stdio;
    let text = '';
    (incoming as Readable).setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      const messages = text.split('\0');
      text = messages.pop() ?? '';
      for (const message of messages) this.#receive(JSON.parse(message) as Message);
    });
    this.#process.once('exit', (code) => this.#loaded.reject(new Error(`chromium ended with ${code}`)));
  }

  /** Shows a file in a window of the given size, with light or dark colours, until the test ends. */
  static async open(
    t: TestContext,
    file: string,
    window: { width: number; height: number; dark?: boolean },
  ): Promise<ChromiumPage> {
    const profile = mkdtempSync(join(tmpdir(), 'aks-kms-runbook-chromium-'));
    const page = new ChromiumPage(profile);
    const gone = new Promise((resolve) => page.#process.once('exit', resolve));
    t.after(async () => {
      page.#process.kill('SIGKILL');
      await gone;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    });
    await page.#show(file, window);
    return page;
  }

  /** Calls a method of the protocol (https://chromedevtools.github.io/devtools-protocol/). */
  async call(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    this.#sent += 1;
    const id = this.#sent;
    const answer = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    const sessionId = this.#session;
    const message = JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) });
    (this.#process.stdio[3] as Writable).write(`${message}\0`);
    const { result = {}, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** A picture of the window, PNG. */
  async picture(): Promise<Buffer> {
    const { data } = await this.call('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(String(data), 'base64');
  }

  /** The page on A4 paper, PDF. */
  async paper(): Promise<Buffer> {
    const { data } = await this.call('Page.printToPDF', { preferCSSPageSize: true, printBackground: false });
    return Buffer.from(String(data), 'base64');
  }

  /** Columns of pixels the page takes, and the window has. */
  async widths(): Promise<{ page: number; window: number }> {
    const { cssContentSize, cssLayoutViewport } = (await this.call('Page.getLayoutMetrics')) as {
      cssContentSize: { width: number };
      cssLayoutViewport: { clientWidth: number };
    };
    return { page: cssContentSize.width, window: cssLayoutViewport.clientWidth };
  }

  async #show(
    file: string,
    { width, height, dark = false }: { width: number; height: number; dark?: boolean },
  ): Promise<void> {
    const { targetInfos } = (await this.call('Target.getTargets')) as {
      targetInfos: { targetId: string; type: string }[];
    };
    const target = targetInfos.find(({ type }) => type === 'page');
    if (target === undefined) throw new Error('chromium opened no page');
    const attached = await this.call('Target.attachToTarget', { targetId: target.targetId, flatten: true });
    this.#session = String(attached['sessionId']);
    await this.call('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: false,
    });
    await this.call('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
    });
    for (const domain of ['Page', 'Network', 'Log', 'Runtime', 'Audits']) await this.call(`${domain}.enable`);
    await this.call('Page.navigate', { url: pathToFileURL(file).href });
    await this.#loaded.promise;
  }

  #receive({ id, method, params = {}, ...rest }: Message): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.({ params, ...rest });
      this.#waiting.delete(id);
      return;
    }
    switch (method) {
      case 'Network.requestWillBeSent':
        this.requests.push((params as { request: { url: string } }).request.url);
        break;
      case 'Log.entryAdded':
        this.complaints.push((params as { entry: { text: string } }).entry.text);
        break;
      case 'Runtime.consoleAPICalled':
      case 'Runtime.exceptionThrown':
      case 'Audits.issueAdded':
        this.complaints.push(`${method} ${JSON.stringify(params)}`);
        break;
      case 'Page.loadEventFired':
        this.#loaded.resolve();
        break;
      default:
    }
  }
}
