import type { components } from './api-types';
import { cell } from './cell';

type Shapes = components['schemas'];
export type Event = Shapes['Event'];
export type DecodedEvent = Shapes['DecodedEvent'];
export type Events = Shapes['Events'];
export type Counts = Shapes['Counts'];
export type Stats = Shapes['Stats'];
export type Today = Shapes['Today'];
export type Device = Shapes['Device'];
export type DeviceChange = Partial<Shapes['DeviceChange']>;
export type Site = Shapes['Site'];
export type List = Shapes['List'];
export type Status = Shapes['Status'];
export type Settings = Shapes['Settings'];
export type SettingsChange = Partial<Shapes['SettingsChange']>;
export type Exception = Shapes['Exception'];
export type NewException = Shapes['NewException'];
export type Bypass = Shapes['Bypass'];
export type Authority = Shapes['Authority'];
export type MadeAuthority = Shapes['MadeAuthority'];
export type Authorities = Shapes['Authorities'];
export type Session = Shapes['Session'];
export type Self = Shapes['Self'];
export type SelfCheck = Shapes['SelfCheck'];
export type Place = Shapes['Place'];
export type Token = Shapes['Token'];
export type MadeToken = Shapes['MadeToken'];
export type Checklist = Shapes['Checklist'];
export type Why = Shapes['Why'];
export type Mine = Shapes['Mine'];
export type Import = Shapes['Import'];
export type Reconcile = Shapes['Reconcile'];
export type ReconcileRow = Shapes['ReconcileRow'];
export type Withheld = Shapes['Withheld'];
export type Items<T> = { items: T[]; next: string | null };

/** A refusal: `message` is the service's sentence for a person. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly retryAfter = 0,
  ) {
    super(message);
  }
}

/** The service does not answer: it restarts, or this device left the home. */
export class Away extends Error {}

/** Whether the service answers; `restarts` grows each time that it came back, and what is shown is then read anew. */
export const service = cell({ here: true, restarts: 0 });

/** Set by a 401: the session ended, and the page asks to log in. */
export const ended = cell(false);

const base = '/api/v1';

export type Query = Record<string, string | number | null | undefined>;

export function address(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const text = given.map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`).join('&');
  return base + path + (text ? `?${text}` : '');
}

/** The sentence of a problem document, where there is one. */
export function sentenceOf(text: string, otherwise: string): string {
  try {
    const problem = JSON.parse(text) as { detail?: unknown; title?: unknown };
    if (typeof problem.detail === 'string') return problem.detail;
    if (typeof problem.title === 'string') return problem.title;
  } catch {
    // no problem document: the status line has to do
  }
  return otherwise;
}

async function refusal(answer: Response): Promise<Refusal> {
  const detail = sentenceOf(await answer.text().catch(() => ''), `${answer.status} ${answer.statusText}`);
  return new Refusal(answer.status, detail, Number(answer.headers.get('Retry-After')) || 0);
}

/** One request; the reply is given as it comes once its status is good. */
export async function ask(method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { method, body: body ?? null, headers, credentials: 'same-origin', cache: 'no-store' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    lost();
    throw new Away();
  }
  // What stands before the box (a proxy, a tunnel) says so when there is nobody behind it.
  if (answer.status === 502 || answer.status === 504) {
    lost();
    throw new Away();
  }
  if (answer.ok) return answer;
  const problem = await refusal(answer);
  if (problem.status === 401) ended.set(true);
  throw problem;
}

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await ask(
    method,
    path.startsWith('/') && !path.startsWith(base) ? base + path : path,
    body === undefined ? undefined : JSON.stringify(body),
    body === undefined ? {} : { 'Content-Type': 'application/json' },
  );
  const text = await answer.text();
  return (text ? JSON.parse(text) : null) as T;
}

export const read = <T>(path: string, query?: Query): Promise<T> => call<T>('GET', address(path, query));

/** All pages of a list that is short by nature. */
export async function readAll<T>(path: string, query: Query = {}): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Items<T> = await read<Items<T>>(path, { ...query, cursor });
    found.push(...page.items);
    cursor = page.next;
  } while (cursor && found.length < 10_000);
  return found;
}

/** Everything that is shown is read anew. */
export const renewed = (): void => service.set({ ...service.get(), restarts: service.get().restarts + 1 });

let looking = false;

/** Asks once a second whether the service is back. */
export function lost(): void {
  if (looking) return;
  looking = true;
  service.set({ ...service.get(), here: false });
  const look = async () => {
    try {
      if ((await fetch('/healthz', { cache: 'no-store' })).ok) {
        looking = false;
        service.set({ here: true, restarts: service.get().restarts + 1 });
        return;
      }
    } catch {
      // not yet
    }
    setTimeout(() => void look(), 1000);
  };
  setTimeout(() => void look(), 1000);
}
