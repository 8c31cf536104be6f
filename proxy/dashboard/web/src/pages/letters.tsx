import { useEffect, useState } from 'preact/hooks';
import { ofRow, ofSite, subjects, type Subjects } from '../evidence';
import { inert } from '../inert';
import { useWords, type Language } from '../language';
import { articles, letter, type Article, type Evidence, type Receiver } from '../letter';
import { Choices, Failure, Field, Ready } from '../parts/basics';
import { PersonChoice } from '../parts/person';
import { named, save } from '../parts/save';
import { listNames, nameOfRow } from '../reconciled';
import { replace, useRoute } from '../route';
import { useLoad } from '../use';
import type { PartOfData } from './data';

const month = () => new Date(Math.floor(Date.now() / 60_000) * 60_000 - 30 * 86_400_000).toISOString();
const other = 'other';

/** A letter to a company or to Meta, written here and sent by the person. */
export function Letters({ person, setPerson }: PartOfData) {
  const { w } = useWords();
  const { query } = useRoute();
  const list = query['import'] ?? '';
  const known = useLoad(() => subjects(person, list, month()), `${person} ${list}`);
  return (
    <>
      <div class="no-print">
        <h1>{w.letters.title}</h1>
        <p>{w.letters.intro}</p>
        <p class="hint">{w.letters.notes}</p>
      </div>
      <Ready of={known}>
        {(all) => (
          <>
            <div class="no-print"><PersonChoice label={w.letters.person} person={person} people={all.people} onChange={setPerson} /></div>
            <Writing all={all} person={person} chosen={query['row'] ?? ''} choose={(row) => replace('meta/letters', { person, import: list, row })} />
          </>
        )}
      </Ready>
    </>
  );
}

/** What the address or the choice names: a row, a site, or a name that somebody types. */
function useEvidence(all: Subjects, chosen: string, typed: string) {
  const row = all.rows.find((one) => one.key === chosen);
  const site = row || chosen === other ? '' : all.sites.find((one) => one === chosen) ?? '';
  const asked = chosen === other ? typed.trim().toLowerCase() : site;
  // A name that is none of a site has no events; asking for it would be refused.
  const loaded = useLoad<Evidence | null>(() => (/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(asked) ? ofSite(asked) : Promise.resolve(null)), asked);
  if (row) return { evidence: ofRow(row.list, row.row), error: undefined };
  const company = chosen === other ? typed.trim() : site;
  return { evidence: loaded.data?.company === asked && asked ? { ...loaded.data, company } : { company }, error: loaded.error };
}

function Writing({ all, person, chosen, choose }: { all: Subjects; person: string; chosen: string; choose: (key: string) => void }) {
  const { w, language } = useWords();
  const say = w.letters;
  const [article, setArticle] = useState<Article>('access');
  const [to, setTo] = useState<Receiver>('company');
  const [tongue, setTongue] = useState<Language>(language);
  const [typed, setTyped] = useState('');
  const [asked, setAsked] = useState('');
  const [own, setOwn] = useState<string | null>(null);
  // A site is looked up when somebody stops typing, not at each letter.
  useEffect(() => {
    const wait = setTimeout(() => setAsked(typed), 400);
    return () => clearTimeout(wait);
  }, [typed]);
  const value = all.rows.some((one) => one.key === chosen) || all.sites.includes(chosen) ? chosen : other;
  const { evidence, error } = useEvidence(all, value, asked);
  const some = evidence.company !== '';
  const text = own ?? letter({ article, to, language: tongue, evidence, person, now: new Date() });
  return (
    <>
      <form class="no-print" onSubmit={(event) => event.preventDefault()}>
        <Choices legend={say.about} value={article} onChange={setArticle} choices={articles.map((one) => ({ value: one, label: say.articles[one] }))} />
        <p class="quiet">{say.articleTexts[article]}</p>
        <div class="columns">
          <Choices legend={say.to} value={to} onChange={setTo} choices={[{ value: 'company', label: say.toCompany }, { value: 'meta', label: say.toMeta }]} />
          <Choices legend={say.language} value={tongue} onChange={setTongue} choices={[{ value: 'en', label: say.languages.en }, { value: 'fr', label: say.languages.fr }]} />
        </div>
        <div class="columns">
          <Field label={say.company}>
            <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
              <option value={other}>{say.companyOther}</option>
              {listNames.map((list) => {
                const rows = all.rows.filter((one) => one.list === list && (!one.again || one.key === value));
                return rows.length ? (
                  <optgroup key={list} label={w.compare.lists[list].title}>
                    {rows.map((one) => <option key={one.key} value={one.key}>{nameOfRow(one.row).slice(0, 80)}</option>)}
                  </optgroup>
                ) : null;
              })}
              {all.sites.length ? <optgroup label={say.sites}>{all.sites.map((site) => <option key={site} value={site}>{inert(site)}</option>)}</optgroup> : null}
            </select>
          </Field>
          {value === other ? (
            <Field label={say.companyName}><input type="text" value={typed} maxLength={120} placeholder="shop.example" autocapitalize="off" spellcheck={false} onInput={(event) => setTyped(event.currentTarget.value)} /></Field>
          ) : null}
        </div>
        <div role="status">
          {error ? <Failure error={error} /> : !some ? <p class="hint">{say.choose}</p> : !evidence.first ? <p class="quiet">{say.noEvidence}</p> : evidence.probably ? <p class="hint">{say.probably}</p> : null}
        </div>
        <Field label={say.text} hint={say.textHint}>
          <textarea rows={24} lang={tongue} spellcheck={true} value={text} onInput={(event) => setOwn(event.currentTarget.value)} />
        </Field>
        <div role="status">{own !== null ? <p class="quiet">{say.edited} <button type="button" class="small" onClick={() => setOwn(null)}>{say.anew}</button></p> : null}</div>
        <p class="row">
          <button type="button" class="main" onClick={() => print()}>{say.print}</button>
          <button type="button" onClick={() => save(named('letter', 'txt'), new Blob([text], { type: 'text/plain;charset=utf-8' }))}>{say.save}</button>
        </p>
      </form>
      <article class="sheet letter only-print" lang={tongue} aria-hidden="true">{text}</article>
    </>
  );
}
