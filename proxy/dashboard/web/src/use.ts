import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Away, service } from './api';
import { useCell } from './cell';

export interface Loaded<T> {
  data: T | undefined;
  error: Error | undefined;
  /** Nothing to show yet. */
  busy: boolean;
  again: () => void;
  set: (data: T) => void;
}

/** What `load` gives, read anew when `key` changes or the service came back. What was read stays while the service is away. */
export function useLoad<T>(load: () => Promise<T>, key: unknown): Loaded<T> {
  const [state, setState] = useState<{ key: unknown; data?: T; error?: Error | undefined }>({ key });
  const [turn, setTurn] = useState(0);
  const { restarts } = useCell(service);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    let wanted = true;
    latest.current().then(
      (data) => wanted && setState({ key, data }),
      (error: Error) => wanted && !(error instanceof Away) && setState((old) => (old.key === key ? { ...old, error } : { key, error })),
    );
    return () => {
      wanted = false;
    };
  }, [key, turn, restarts]);
  const again = useCallback(() => setTurn((n) => n + 1), []);
  const set = useCallback((data: T) => setState({ key, data }), [key]);
  return { data: state.data, error: state.error, busy: state.data === undefined && state.error === undefined, again, set };
}

export interface Action {
  busy: boolean;
  error: Error | undefined;
  run: (work: () => Promise<unknown>) => Promise<boolean>;
}

/** Something a person started: it is busy, then done or refused, and never started twice at once. */
export function useAction(): Action {
  const [state, setState] = useState<{ busy: boolean; error?: Error | undefined }>({ busy: false });
  const running = useRef(false);
  const run = useCallback(async (work: () => Promise<unknown>) => {
    if (running.current) return false;
    running.current = true;
    setState({ busy: true });
    try {
      await work();
      setState({ busy: false });
      return true;
    } catch (error) {
      setState({ busy: false, error: error as Error });
      return false;
    } finally {
      running.current = false;
    }
  }, []);
  return { busy: state.busy, error: state.error, run };
}

/** The time, looked at every `ms`. */
export function useNow(ms = 15_000): number {
  const [now, set] = useState(Date.now());
  useEffect(() => {
    const clock = setInterval(() => set(Date.now()), ms);
    return () => clearInterval(clock);
  }, [ms]);
  return now;
}
