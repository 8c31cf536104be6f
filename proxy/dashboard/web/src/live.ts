import { useEffect, useState } from 'preact/hooks';
import { address, lost, service, type Event, type Query } from './api';
import { useCell } from './cell';

export type LiveState = 'off' | 'opening' | 'on' | 'lost';

/** Events as they happen. The browser tries again by itself; where it gives up (the service was gone), a new stream opens once the service is back. */
export function useLive(on: boolean, query: Query, onEvent: (event: Event) => void, onDropped: () => void): LiveState {
  const [state, set] = useState<LiveState>('off');
  const { restarts } = useCell(service);
  const path = address('/events/stream', query);
  useEffect(() => {
    if (!on) {
      set('off');
      return;
    }
    set('opening');
    const source = new EventSource(path);
    source.onopen = () => set('on');
    source.onmessage = (message: MessageEvent<string>) => {
      try {
        onEvent(JSON.parse(message.data) as Event);
      } catch {
        // a comment or a torn line: the next one is whole
      }
    };
    source.addEventListener('dropped', onDropped);
    source.onerror = () => {
      set('lost');
      lost();
      source.close();
    };
    return () => source.close();
  }, [on, path, restarts]);
  return state;
}
