import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Away, read, service, type Event, type Events, type Query } from './api';
import { useCell } from './cell';

const page = 50;

export interface Past {
  items: Event[];
  /** more: there are older ones; end: there are none; searching: pages without a hit are passed over. */
  state: 'searching' | 'more' | 'end';
  error: Error | undefined;
  /** Grows when all is read anew. */
  turn: number;
  further: () => void;
  stop: () => void;
  again: () => void;
}

/** Stored events, newest first, by the API's cursor. A search may give pages with few hits or none: it goes on until
 *  there is something to show, and says how far it came. */
export function usePast(filters: Query): Past {
  const key = JSON.stringify(filters);
  const { restarts } = useCell(service);
  const [turn, setTurn] = useState(0);
  const [state, set] = useState<{ items: Event[]; next: string | null; state: Past['state']; error?: Error }>({ items: [], next: null, state: 'searching' });
  const running = useRef(0);
  const latest = useRef(state);
  latest.current = state;

  const search = useCallback(async (start: Event[], from: string | null, asked: Query) => {
    const mine = ++running.current;
    let items = start;
    let next = from;
    set({ items, next, state: 'searching' });
    try {
      do {
        const got: Events = await read<Events>('/events', { ...asked, limit: page, cursor: next });
        if (running.current !== mine) return;
        items = [...items, ...got.items];
        next = got.next;
        if (next && items.length - start.length < page) set({ items, next, state: 'searching' });
      } while (next && items.length - start.length < page);
      set({ items, next, state: next ? 'more' : 'end' });
    } catch (error) {
      if (running.current !== mine) return;
      // While the service is away what was found stays; all is read anew when it is back.
      if (error instanceof Away) set({ items, next, state: next ? 'more' : 'searching' });
      else set({ items, next, state: 'more', error: error as Error });
    }
  }, []);

  useEffect(() => {
    void search([], null, filters);
    return () => void running.current++;
  }, [key, turn, restarts]);

  const further = useCallback(() => void search(latest.current.items, latest.current.next, JSON.parse(key) as Query), [key]);
  const stop = useCallback(() => {
    running.current++;
    set((old) => ({ ...old, state: old.next ? 'more' : 'end' }));
  }, []);
  const again = useCallback(() => setTurn((n) => n + 1), []);
  return { items: state.items, state: state.state, error: state.error, turn: turn + restarts, further, stop, again };
}

/** All events that fit, for a file. */
export async function allEvents(filters: Query, onCount: (count: number) => void): Promise<Event[]> {
  const items: Event[] = [];
  let cursor: string | null = null;
  onCount(0);
  do {
    const got: Events = await read<Events>('/events', { ...filters, limit: 1000, cursor });
    items.push(...got.items);
    cursor = got.next;
    onCount(items.length);
  } while (cursor);
  return items;
}
