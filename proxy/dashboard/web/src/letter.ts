import { inert, plain } from './inert';
import { formatsOf, wordsOf, type Language } from './language';
import { nameInWords, typeInWords } from './reconciled';

// A letter's text from what is known. No request, no page: words in, words out.
export type Article = 'access' | 'erasure' | 'objection';
export type Receiver = 'company' | 'meta';
export const articles: Article[] = ['access', 'erasure', 'objection'];

/** What is known of a company. Its texts are strangers' and are made inert here. */
export interface Evidence {
  company: string;
  site?: string | null;
  name?: string | null;
  account?: string | null;
  types?: string[];
  names?: string[];
  identifiers?: string[];
  first?: string | null;
  last?: string | null;
  in_meta?: number;
  stopped?: number;
  let_through?: number;
  server?: boolean;
  /** Joined by the name alone: for the person to check, so no matter of the letter's. */
  probably?: boolean;
}

const longest = 120; // letters of a stranger's text: a name, not a page
const short = (text: string | null | undefined) => {
  const letters = [...inert(text)];
  return letters.length > longest ? `${letters.slice(0, longest).join('')}…` : letters.join('');
};

function facts(of: Evidence, language: Language): string[] {
  const w = wordsOf(language);
  const f = formatsOf(language);
  const say = w.letters.letter.facts;
  const lines: string[] = [];
  const fact = (sentence: string, value: string) => value && lines.push(plain(sentence, { value }));
  const told = [
    ...(of.types ?? []).map((type) => [short(type), typeInWords(type, w)]),
    ...(of.names ?? []).map((name) => [short(name), nameInWords(name, w)]),
  ] as [string, string | undefined][];
  const events = [...new Map(told.map(([name, words]) => [words ?? name, words ? `${words} (${name})` : plain(w.letters.letter.quoted, { value: name })])).values()];
  const kinds = (of.identifiers ?? []).map((kind) => {
    const key = kind.replace(/^_/, '');
    const { kinds: known, otherKind } = w.letters.letter;
    return Object.hasOwn(known, key) ? known[key]! : plain(otherKind, { kind: short(kind) });
  });
  fact(say.site, short(of.site));
  if (of.name && short(of.name) !== short(of.site)) fact(say.name, short(of.name));
  fact(say.account, short(of.account));
  fact(say.events, events.slice(0, 30).join(', '));
  if (of.first && of.last) lines.push(plain(say.span, { first: f.dayOf(of.first), last: f.dayOf(of.last) }));
  if (of.in_meta) lines.push(say.meta(of.in_meta));
  if (of.stopped) lines.push(say.stopped(of.stopped));
  if (of.let_through) lines.push(say.through(of.let_through));
  fact(say.identifiers, [...new Set(kinds)].join(', '));
  if (of.server) lines.push(say.server);
  return lines;
}

/** The whole letter as plain text; what only the person knows stands in square brackets. */
export function letter({ article, to, language, evidence, person, now }: { article: Article; to: Receiver; language: Language; evidence: Evidence; person: string; now: Date }): string {
  const say = wordsOf(language).letters.letter;
  const company = short(evidence.company) || say.theirName;
  const known = facts(evidence, language);
  if (to === 'meta' && !known.some((line) => line.endsWith(company))) known.unshift(plain(say.facts.company, { value: company }));
  const [opening, ...rest] = say.asks[to][article];
  const points = rest.filter((line) => line.startsWith('- '));
  const after = rest.filter((line) => !line.startsWith('- '));
  const blocks = [
    [short(person) || say.yourName, say.yourAddress, say.yourMail].join('\n'),
    to === 'meta' ? say.meta : [company, say.theirAddress].join('\n'),
    say.officer,
    formatsOf(language).dayOf(now.toISOString()),
    say.subject + say.subjects[article],
    say.greeting,
    to === 'company' && !known.length ? say.openings.unknown : plain(say.openings[to], { company }),
    known.length ? [say.known, ...known.map((line) => `- ${line}`)].join('\n') : '',
    [opening, ...points].join('\n'),
    ...after,
    say.closing,
    say.yours,
    short(person) || say.yourName,
  ];
  return `${blocks.filter(Boolean).join('\n\n')}\n`;
}
