import type { ComponentChildren } from 'preact';

// What comes from the network was written by strangers: control characters and marks that change the direction of
// writing could make a line say what it does not. They are left out, and the rest is kept apart from our own words.
const marks = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;

export function inert(text: unknown): string {
  return String(text ?? '').replace(marks, ' ').replace(/ {2,}/g, ' ').trim();
}

/** A stranger's text, shown as text. */
export function Net({ children, strong }: { children: unknown; strong?: boolean }) {
  const text = <bdi class="net">{inert(children)}</bdi>;
  return strong ? <strong>{text}</strong> : text;
}

/** A sentence of the catalogue with something in the place of each {name}. */
export function rich(sentence: string, parts: Record<string, ComponentChildren>): ComponentChildren[] {
  return sentence.split(/(\{\w+\})/).map((piece) => {
    const name = /^\{(\w+)\}$/.exec(piece)?.[1];
    return name !== undefined && name in parts ? parts[name] : piece;
  });
}

/** The same as plain text. */
export function plain(sentence: string, parts: Record<string, string>): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => parts[name] ?? whole);
}
