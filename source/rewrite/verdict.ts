import type { Answer } from './api.ts';

/** What an answer to the request for one Secret or one page means. */
export type Verdict =
  | 'done'
  /** It does not exist any more. */
  | 'gone'
  /** Somebody else was quicker: ask again at once. */
  | 'again'
  /** Too much at once: wait, as long as the server says. */
  | 'busy'
  /** The server failed at it: ask again later. */
  | 'failed'
  /** The credentials are not taken any more. */
  | 'signed-out'
  /** The token of a list has run out. */
  | 'expired'
  /** It will not be done, however often it is asked for. */
  | 'refused';

/** By the HTTP status, as the API server uses them (Kubernetes API conventions, "HTTP Status codes"). */
export function verdict({ status, missing }: Answer): Verdict {
  if (status >= 200 && status < 300) return 'done';
  switch (status) {
    case 401:
      return 'signed-out';
    case 404:
      return missing === true ? 'gone' : 'refused';
    case 409:
      return 'again';
    case 410:
      return 'expired';
    case 429:
    case 503:
      return 'busy';
    default:
      return status >= 500 ? 'failed' : 'refused';
  }
}
