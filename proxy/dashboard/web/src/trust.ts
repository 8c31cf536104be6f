import type { SelfCheck } from './api';

/** Whether this browser trusts the home's certificate: it asks the box over https, and a browser that does not trust it
 *  gets no answer at all. So "no" also means that the name was not reached. */
export async function proveTrust(name: string | undefined, within = 8000): Promise<boolean> {
  if (!name) return false;
  const limit = new AbortController();
  const clock = setTimeout(() => limit.abort(), within);
  try {
    const answer = await fetch(`https://${name}/api/v1/self/check`, { method: 'POST', mode: 'cors', credentials: 'omit', cache: 'no-store', signal: limit.signal });
    return answer.ok && ((await answer.json()) as SelfCheck).trust === 'yes';
  } catch {
    return false;
  } finally {
    clearTimeout(clock);
  }
}
