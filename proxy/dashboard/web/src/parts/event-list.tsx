import { useId, useState } from 'preact/hooks';
import type { Event } from '../api';
import { useHome } from '../home';
import { Net } from '../inert';
import { useWords } from '../language';
import { Sentence } from '../sentence';
import { EventFacts } from './event-facts';

/** Events by day; each line a sentence that can be opened. */
export function EventList({ events }: { events: Event[] }) {
  const { f } = useWords();
  const days: { day: string; events: Event[] }[] = [];
  for (const event of events) {
    const day = f.weekday(event.time);
    if (days[days.length - 1]?.day !== day) days.push({ day, events: [] });
    days[days.length - 1]!.events.push(event);
  }
  return (
    <>
      {days.map(({ day, events: some }) => (
        <section key={day} aria-label={day}>
          <h2 class="day">{day}</h2>
          <ol class="events">{some.map((event) => <Line key={event.id} event={event} />)}</ol>
        </section>
      ))}
    </>
  );
}

function Line({ event }: { event: Event }) {
  const { f } = useWords();
  const { nameOf } = useHome();
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <li class={event.verdict}>
      <button type="button" class="line" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <time dateTime={event.time}>{f.clock(event.time)}</time>
        <span><Sentence event={event} /> <small class="quiet"><Net>{nameOf(event.device)}</Net></small></span>
      </button>
      <div id={id} hidden={!open}>{open ? <EventFacts event={event} /> : null}</div>
    </li>
  );
}
