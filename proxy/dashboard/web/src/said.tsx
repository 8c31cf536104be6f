import type { ComponentChildren } from 'preact';
import type { Why } from './api';
import { Net, rich } from './inert';
import { useWords } from './language';
import type { Words } from './words/en';

function translated(text: string, w: Words): ComponentChildren[] | null {
  for (const [pattern, sentence] of w.service.sentences) {
    const found = pattern.exec(text);
    if (found) return rich(sentence, Object.fromEntries(found.map((value, index) => [index, <Net key={index}>{value}</Net>])));
  }
  return null;
}

const AsItComes = ({ text }: { text: string }) => <span lang="en"><Net>{text}</Net></span>;

/** A sentence of the service in the page's language, where the catalogue has it; else in the service's own, English. */
export function Said({ text }: { text: string }) {
  const { w } = useWords();
  return <>{translated(text, w) ?? <AsItComes text={text} />}</>;
}

/** A fault of a list that stands behind the list's name. */
export function SaidOfList({ text }: { text: string }) {
  const { w } = useWords();
  const [, name, fault] = /^([\w.-]+): (.*)$/s.exec(text) ?? [];
  return name && fault ? <><Net>{name}</Net>{w.common.colon}<Said text={fault} /></> : <Said text={text} />;
}

/** Why a rule decided. In another language than the service's it is shorter: list and line are shown beside it anyway. */
export function Because({ why }: { why: Why }) {
  const { w } = useWords();
  const { rules, needsInside } = w.service;
  const [list, id = ''] = (why.rule ?? '').split('/');
  const own = list === 'meta' && Object.hasOwn(rules, id) ? rules[id] : null;
  const more = translated(why.sentence, w);
  if (!own && !more) return <AsItComes text={why.sentence} />;
  return <>{own} {more} {why.needs_inside ? needsInside : null}</>;
}
