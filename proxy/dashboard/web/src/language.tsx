import { createContext, type ComponentChildren } from 'preact';
import { useContext, useEffect, useMemo } from 'preact/hooks';
import { cell, useCell } from './cell';
import { formats, type Formats } from './format';
import { en, type Words } from './words/en';
import { fr } from './words/fr';

export type Language = 'en' | 'fr';
const catalogues: Record<Language, Words> = { en, fr };

/** What the owner chose in the settings; null: as the browser asks. */
export const chosen = cell<Language | null>(null);

export function ofBrowser(): Language {
  const asked = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return (asked.find((tag) => tag === 'en' || tag === 'fr') as Language | undefined) ?? 'en';
}

/** A letter may be written in another language than the page's. */
export const wordsOf = (language: Language): Words => catalogues[language];
export const formatsOf = (language: Language): Formats => formats(region(language));

export interface Speech {
  w: Words;
  f: Formats;
  language: Language;
}

const speech = createContext<Speech>({ w: en, f: formats('en'), language: 'en' });
export const useWords = (): Speech => useContext(speech);

export function Speaking({ children }: { children: ComponentChildren }) {
  const language = useCell(chosen) ?? ofBrowser();
  const value = useMemo(() => ({ w: catalogues[language], f: formatsOf(language), language }), [language]);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return <speech.Provider value={value}>{children}</speech.Provider>;
}

/** Dates as the browser's own region writes them (en-GB, fr-CA), where the language is the same. */
function region(language: Language): string {
  return navigator.languages.find((tag) => tag.toLowerCase().startsWith(language)) ?? (language === 'en' ? 'en-GB' : 'fr-FR');
}
