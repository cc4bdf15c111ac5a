/** What a rewrite asks of the API server. The Kubernetes adapter has it; tests bring their own. */

/** An answer, whatever its status. No part of it comes from inside a Secret. */
export interface Answer {
  /** HTTP status. */
  status: number;
  /** resourceVersion of what was answered: of the Secret patched, or of the state a list shows. */
  revision?: string | undefined;
  /** What the server says about a refusal, in one line, redacted. */
  message?: string | undefined;
  /** Of a 404: it is the Secret that does not exist, and not something else on the way to it. */
  missing?: boolean | undefined;
  /** Milliseconds the server asks to wait. */
  retryAfter?: number | undefined;
}

/** A page of a list. `revision` is that of a state no older than the moment it was asked for. */
export interface PageAnswer extends Answer {
  /** In the order of the list: by name. */
  names: readonly string[];
  /** The token for the next page, or with 410 for going on in a newer state. */
  continue?: string | undefined;
}

export interface SecretsApi {
  /** Names of all namespaces. Throws `ToolError` when they cannot be listed. */
  namespaces(signal: AbortSignal): Promise<string[]>;
  /** About how many Secrets there are in these namespaces, or in all when none is named; undefined: not told. */
  count(namespaces: readonly string[], signal: AbortSignal): Promise<number | undefined>;
  /** Throws `ToolError` without an answer. */
  page(namespace: string, token: string | undefined): Promise<PageAnswer>;
  /** Has a Secret written again as it is, by an empty merge patch. Throws `ToolError` without an answer. */
  rewrite(namespace: string, name: string): Promise<Answer>;
  /** New connections from here on, which may lead to another API server. What is under way gets no answer any more. */
  reconnect(): void;
  /** Signs in anew, for when the server no longer takes the credentials. */
  signInAgain(): void;
}
