import { useWords } from '../language';
import { href, metaParts, replace, useRoute, type MetaPart } from '../route';
import { ChecklistPage } from './checklist';
import { Compare } from './compare';
import { Letters } from './letters';
import { WithheldPage } from './withheld';

export interface PartOfData {
  person: string;
  setPerson: (name: string) => void;
}

const shown: Record<MetaPart, (of: PartOfData) => preact.JSX.Element> = { compare: Compare, letters: Letters, withheld: WithheldPage };

/** What Meta has of a person: what to ask of it, its list beside ours, letters, and what it did not get. */
export function Data() {
  const { w } = useWords();
  const { part, query } = useRoute();
  const person = query['person'] ?? '';
  const Part = part ? shown[part] : ChecklistPage;
  return (
    <>
      <nav class="parts" aria-label={w.data.parts}>
        <a href={href('meta', { person })} aria-current={part ? undefined : 'page'}>{w.data.checklist}</a>
        {metaParts.map((name) => <a key={name} href={href(`meta/${name}`, { person })} aria-current={name === part ? 'page' : undefined}>{w[name].title}</a>)}
      </nav>
      <Part person={person} setPerson={(name) => replace(part ? `meta/${part}` : 'meta', { person: name })} />
    </>
  );
}
