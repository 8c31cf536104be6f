// "Since your last visit" is this browser's own memory: the box need not know when somebody looks.
const key = 'paravent-visit';
let before: string | null | undefined;

/** When the visit before this one was; null at the first. A visit ends after half an hour without the page. */
export function lastVisit(): string | null {
  if (before !== undefined) return before;
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null') as { before: string | null; last: string } | null;
    const now = new Date().toISOString();
    const same = kept && Date.now() - new Date(kept.last).getTime() < 1_800_000;
    before = same ? kept.before : (kept?.last ?? null);
    localStorage.setItem(key, JSON.stringify({ before, last: now }));
    setInterval(() => localStorage.setItem(key, JSON.stringify({ before, last: new Date().toISOString() })), 60_000);
  } catch {
    before = null; // no storage: every visit is the first
  }
  return before;
}
