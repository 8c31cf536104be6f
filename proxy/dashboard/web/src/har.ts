import { call, type DecodedEvent, type Items } from './api';

// A recording of a browser holds everything a person did. So it is read here: what goes to Meta or looks like it is
// sent to the service, without replies and cookies' values, and the rest never leaves the browser.
interface Entry {
  startedDateTime?: unknown;
  request: { method: string; url: string; headers?: { name: string; value: string }[]; postData?: unknown };
}

const most = 1_000_000; // bytes of one piece: the service takes 1 MiB
const hosts = /(^|\.)(facebook\.(com|net)|fbsbx\.com|instagram\.com|atdmt\.com|messenger\.com|whatsapp\.(com|net)|meta\.(com|ai)|conversionsapigateway\.com)$/;
const paths = /^\/(tr|events)\/?$|^\/v\d+\.\d+\/[^/]+\/(events|activities)\/?$/;
const kept = new Set(['content-type', 'content-encoding', 'referer', 'origin', 'user-agent']);

export function concernsMeta(url: string): boolean {
  try {
    const { hostname, pathname, protocol } = new URL(url);
    return /^https?:$/.test(protocol) && (hosts.test(hostname) || paths.test(pathname));
  } catch {
    return false;
  }
}

function slim(entry: Entry): unknown {
  const { method, url, headers, postData } = entry.request;
  return {
    startedDateTime: typeof entry.startedDateTime === 'string' ? entry.startedDateTime : undefined,
    request: { method, url, headers: (headers ?? []).filter((one) => kept.has(String(one?.name).toLowerCase())), postData },
  };
}

/** Pieces of at most `most` bytes as JSON texts of entries, and how many were too long by themselves. */
export function pieces(har: unknown): { entries: number; chosen: number; pieces: string[][]; tooLong: number } {
  const entries = (har as { log?: { entries?: unknown } })?.log?.entries;
  if (!Array.isArray(entries)) throw new Error('log.entries');
  const result = { entries: entries.length, chosen: 0, pieces: [] as string[][], tooLong: 0 };
  const size = new TextEncoder();
  let room = 0;
  for (const entry of entries as Entry[]) {
    if (typeof entry?.request?.url !== 'string' || !concernsMeta(entry.request.url)) continue;
    const text = JSON.stringify(slim(entry));
    const bytes = size.encode(text).length + 1;
    if (bytes > most - 100) {
      result.tooLong++;
      continue;
    }
    if (bytes > room) {
      result.pieces.push([]);
      room = most - 100;
    }
    result.pieces[result.pieces.length - 1]!.push(text);
    room -= bytes;
    result.chosen++;
  }
  return result;
}

export async function decode(har: unknown, onPiece: (done: number, all: number) => void) {
  const cut = pieces(har);
  const events: DecodedEvent[] = [];
  for (const [number, piece] of cut.pieces.entries()) {
    onPiece(number, cut.pieces.length);
    const body = JSON.parse(`{"log":{"entries":[${piece.join(',')}]}}`) as unknown;
    events.push(...(await call<Items<DecodedEvent>>('POST', '/decode', body)).items);
  }
  return { ...cut, events };
}
