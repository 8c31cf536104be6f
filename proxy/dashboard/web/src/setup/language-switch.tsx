import { chosen, useWords, type Language } from '../language';

const key = 'paravent-language';

try {
  const kept = localStorage.getItem(key);
  if (kept === 'en' || kept === 'fr') chosen.set(kept);
} catch {
  // no storage: as the browser asks
}

/** On a page without login the language is this browser's own choice. */
export function LanguageSwitch() {
  const { language } = useWords();
  const other: Language = language === 'en' ? 'fr' : 'en';
  return (
    <button type="button" class="link" lang={other}
      onClick={() => {
        chosen.set(other);
        try {
          localStorage.setItem(key, other);
        } catch {
          // it holds until the page is closed
        }
      }}>
      {other === 'fr' ? 'Français' : 'English'}
    </button>
  );
}
