import { read, type Self } from '../api';

/** What the service says of this device. Over plain http from the network it stands in the page itself, because there
 *  nothing below /api may be asked. */
export function embedded(): Self | null {
  try {
    const self = JSON.parse(document.getElementById('self')?.textContent ?? '{}') as Partial<Self>;
    return typeof self.address === 'string' ? (self as Self) : null;
  } catch {
    return null;
  }
}

export async function ownSelf(): Promise<Self> {
  return embedded() ?? (await read<Self>('/self'));
}

/** The newest word on how this very page came, where it may be asked. */
export async function freshSelf(): Promise<Self> {
  try {
    return await read<Self>('/self');
  } catch {
    const kept = embedded();
    if (kept) return kept;
    throw new Error('GET /api/v1/self');
  }
}
