/** The person at the keyboard, as this machine knows them. */
import { hostname, userInfo } from 'node:os';

/** The local account and the machine. An account without a name, as in some containers, is given by its number. */
export function localOperator(): { localUser: string; host: string } {
  const host = hostname();
  try {
    return { localUser: userInfo().username, host };
  } catch {
    return { localUser: `uid ${process.getuid?.() ?? 'unknown'}`, host };
  }
}
