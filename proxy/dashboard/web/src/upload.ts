import { address, ended, lost, Away, Refusal, sentenceOf, type Import, type Query } from './api';
import { cell } from './cell';

// A file of Meta's export may take minutes to send. So sending it is no part's own matter: it goes on while the person looks
// at other pages, and every page that shows it shows the same.
export interface Sent {
  name: string;
  state: 'waiting' | 'sending' | 'adding' | 'done' | 'refused' | 'cancelled';
  percent: number;
  /** The reply of a refusal; 0: the connection broke. */
  status?: number;
  sentence?: string;
}

export interface Upload {
  files: Sent[];
  running: boolean;
  person: string;
  result: Import | null;
}

export const upload = cell<Upload | null>(null);

/** The connection broke though the service is there: it may have refused the file before its end. */
class Broken extends Error {}

const kinds: Record<string, string> = { zip: 'application/zip', json: 'application/json', html: 'text/html', htm: 'text/html' };
const kindOf = (name: string) => kinds[/\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream';

/** fetch tells nothing of how much was sent, so this is the older way. */
function post(query: Query, file: File, onProgress: (share: number) => void, signal: AbortSignal): Promise<Import> {
  return new Promise((done, refuse) => {
    const request = new XMLHttpRequest();
    request.open('POST', address('/import', query));
    request.setRequestHeader('Content-Type', kindOf(file.name));
    request.upload.onprogress = (event) => onProgress(event.lengthComputable && event.total ? event.loaded / event.total : 0);
    request.upload.onload = () => onProgress(1);
    request.onload = () => {
      if (request.status === 201) return done(JSON.parse(request.responseText) as Import);
      if (request.status === 401) ended.set(true);
      if (request.status === 502 || request.status === 504) return refuse(new Away());
      refuse(new Refusal(request.status, sentenceOf(request.responseText, `${request.status} ${request.statusText}`)));
    };
    request.onerror = () => void fetch('/healthz', { cache: 'no-store' }).then((answer) => refuse(answer.ok ? new Broken() : new Away()), () => refuse(new Away()));
    request.onabort = () => refuse(new DOMException('', 'AbortError'));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

let stop: AbortController | null = null;
const stay = (event: BeforeUnloadEvent) => event.preventDefault();

export const cancel = (): void => stop?.abort();

/** One file after the other: the first that is taken makes the import (or `to` names one), those after it are added to it. */
export async function send(files: File[], person: string, to: string): Promise<void> {
  if (stop || !files.length) return;
  const mine = (stop = new AbortController());
  addEventListener('beforeunload', stay);
  let state: Upload = { files: files.map((file) => ({ name: file.name, state: 'waiting', percent: 0 })), running: true, person, result: null };
  const set = (index: number, change: Partial<Sent>) => {
    state = { ...state, files: state.files.map((one, at) => (at === index ? { ...one, ...change } : one)) };
    upload.set(state);
  };
  upload.set(state);
  let id = to;
  for (const [index, file] of files.entries()) {
    if (mine.signal.aborted) {
      set(index, { state: 'cancelled' });
      continue;
    }
    set(index, { state: 'sending' });
    try {
      const onProgress = (share: number) => set(index, share < 1 ? { percent: Math.floor(share * 100) } : { state: 'adding', percent: 100 });
      const result = await post(id ? { to: id } : { person }, file, onProgress, mine.signal);
      id = result.id;
      state = { ...state, result };
      set(index, { state: 'done' });
    } catch (error) {
      if (error instanceof DOMException) set(index, { state: 'cancelled' });
      else if (error instanceof Refusal) set(index, { state: 'refused', status: error.status, sentence: error.message });
      else set(index, { state: 'refused', status: 0 });
      if (error instanceof Away) lost();
      // What would meet the next file as well ends it: nobody is logged in, nobody there, nothing that could read it.
      if (error instanceof Away || (error instanceof Refusal && [401, 503].includes(error.status))) mine.abort();
    }
  }
  stop = null;
  removeEventListener('beforeunload', stay);
  upload.set({ ...state, running: false });
}
