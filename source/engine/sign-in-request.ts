/**
 * A command that asks for a sign-in while it runs. az and kubelogin do so with a device code: the page and the code are
 * printed, and the command waits until somebody has entered it there, at whatever machine. It needs no terminal.
 */

/**
 * As the Microsoft identity platform words it ("To sign in, use a web browser to open the page
 * https://microsoft.com/devicelogin and enter the code … to authenticate."); the page is another one in other clouds.
 */
const deviceLogin = /https:\/\/\S+\/device(?:login\w*)?\s.*\bcode\s+[A-Z0-9]{6,}\b/i;
/** A line is looked at as far as this. Characters. */
const longestLine = 1_000;

export class SignInRequest {
  #line = '';
  /** What is asked now; undefined when nothing is, or the command has gone on since. */
  asked: string | undefined;

  /** Takes output as it comes. Of all that has come, the last line that says something counts. */
  push(text: string): void {
    const end = text.lastIndexOf('\n') + 1;
    if (end === 0) {
      this.#line = (this.#line + text).slice(0, longestLine);
      return;
    }
    let told = text.slice(0, end).trimEnd();
    // Only then: a large text is not copied for a short line before it.
    if (!told.includes('\n')) told = (this.#line + told).trimEnd();
    this.#line = text.slice(end, end + longestLine);
    if (told !== '') this.#look(told.slice(told.lastIndexOf('\n') + 1));
  }

  #look(line: string): void {
    const text = line.slice(0, longestLine).trim();
    this.asked = deviceLogin.test(text) ? text.replace(/^WARNING: /, '') : undefined;
  }
}
