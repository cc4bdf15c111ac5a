/** What a simulated service sees of a request and answers, apart from how it travels. */
import type { IncomingHttpHeaders } from 'node:http';

export interface Request {
  method: string;
  /** The connection it came on: the same object for the same connection. */
  connection: object;
  /** Percent-decoded, without query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** Parsed JSON or form fields; undefined without a body, or for Protocol Buffers. */
  body: unknown;
}

export interface Reply {
  /** 0 when there is no answer. */
  status: number;
  /** Set when there is no answer: the connection breaks, or stays silent. */
  fate?: 'reset' | 'silence';
  headers?: Record<string, string> | undefined;
  /** Sent as JSON unless it is bytes already; nothing is sent when it is undefined. */
  body?: unknown;
}

/** Thrown to refuse a request the way the service words it. */
export class Refusal extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`Refused with ${reply.status}`);
    this.name = 'Refusal';
    this.reply = reply;
  }
}

/** Thrown to cut the connection instead of answering. */
export class Hangup extends Error {
  constructor() {
    super('The connection is reset');
    this.name = 'Hangup';
  }
}

/** A refusal in ARM's error format. */
export function armRefusal(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Refusal {
  return new Refusal({ status, headers, body: { error: { code, message } } });
}

/** The value when it is a JSON object, else an empty one. */
export function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** The value when it is a string, else undefined. */
export function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
